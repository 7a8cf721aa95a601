import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSameProcess, startTimeOf } from './process-identity.ts';

/** One runner a state folder. Throws, saying who holds it, when that one is alive. */
export async function lockFolder(stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, 'runner.pid');
  const [pid = 0, startTime = 0] = (await readFile(file, 'utf8').catch(() => '')).split(' ').map(Number);
  if (pid > 0 && pid !== process.pid && (await isSameProcess({ pid, startTime }))) {
    throw new Error(`Another runner (process ${pid}) uses ${stateDir}. Stop it, or choose another --state folder.`);
  }
  await writeFile(file, `${process.pid} ${(await startTimeOf(process.pid)) ?? 0}`);
}
