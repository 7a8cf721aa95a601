import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { JobPayload } from '../../../contract/runner-protocol.ts';
import { jobEnvironment } from '../../../cli/src/runner/environment.ts';
import { JobFolder } from '../../../cli/src/runner/job-folder.ts';
import { aFolder } from './folder.ts';

export const SUPERVISOR = fileURLToPath(new URL('../../../cli/src/runner/supervise.sh', import.meta.url));

export function aPayload(overrides: Partial<JobPayload> = {}): JobPayload {
  return {
    job: 'exe_1:Build/Make:1',
    execution: 'exe_1',
    number: 7,
    pipeline: 'shop',
    stage: 'Build',
    action: 'Make',
    attempt: 1,
    commands: ['true'],
    environment: {},
    secrets: {},
    identity: false,
    inputs: [],
    outputs: [],
    outputVariables: [],
    timeoutMs: 60_000,
    ...overrides,
  };
}

/** A job's folder without a runner around it. Whatever still runs in it ends with the test. */
export async function aJobFolder(overrides: Partial<JobPayload> = {}): Promise<JobFolder> {
  const root = await aFolder();
  onTestFinished(() => endJobsIn(root));
  return JobFolder.create(root, aPayload(overrides), 'job token');
}

export interface Supervisor {
  readonly pid: number;
  /** Everything that it said itself, which should be nothing. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

/** Starts the supervisor as the runner does, but with ears. */
export function supervise(folder: JobFolder, own: NodeJS.ProcessEnv = process.env): Supervisor {
  const seconds = Math.ceil(folder.payload.timeoutMs / 1000);
  const child: ChildProcess = spawn(
    '/bin/sh',
    [SUPERVISOR, folder.path, String(seconds), process.env['PATH'] ?? ''],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder.path,
      env: jobEnvironment(folder, own),
    },
  );
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  );
  return { pid: child.pid ?? 0, ended };
}

/** Runs the job to its end; resolves to its exit code and all that it said. */
export async function runToEnd(
  folder: JobFolder,
  own?: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  await supervise(folder, own).ended;
  const standing = await folder.standing();
  const output = await readFile(folder.outputLog, 'utf8').catch(() => '');
  return { code: standing.kind === 'Exited' ? standing.code : Number.NaN, output };
}

/** For a test that failed half-way: nothing of its jobs stays behind. */
export async function endJobsIn(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    for (const file of ['started', 'group']) {
      const pid = Number((await readFile(join(root, name, file), 'utf8').catch(() => '')).split(' ')[0]);
      if (!(pid > 1) || pid === process.pid) continue;
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended by itself, which is the usual case.
      }
    }
  }
}

/** What the job says, without the titles that the script puts above each command. */
export function withoutTitles(output: string): string {
  return output
    .split('\n')
    .filter((line) => !line.startsWith('\u001b[1;36m$ '))
    .join('\n');
}
