import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { ClearError } from './clear-error.ts';
import { codeOf } from './state-folder.ts';

/** Throws, saying who holds the port as far as the system tells, unless it is free. */
export async function assertPortIsFree(host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const probe = createServer()
        .once('error', reject)
        .listen(port, host, () => probe.close(() => resolve()));
    });
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      throw new ClearError(
        `Port ${port} is taken${holderOf(port)}. Stop it, or choose another: PORT=${port + 1} npm start.`,
      );
    }
    throw new ClearError(`Cannot listen on ${host}:${port} (${codeOf(error)}).`);
  }
}

function holderOf(port: number): string {
  try {
    const lines = execFileSync('ss', ['-ltnpH', `sport = :${port}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [, name, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(lines) ?? [];
    return name === undefined ? '' : ` by ${name} (process ${pid ?? '?'})`;
  } catch {
    return '';
  }
}
