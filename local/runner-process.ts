import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const RESTART_MS = 1_000;

export interface RunnerProcessOptions {
  readonly root: string;
  readonly url: string;
  readonly token: string;
  readonly stateDir: string;
  readonly onLine: (line: string) => void;
  readonly onSpawn: (pid: number) => void;
}

/** The local runner, started again whenever it goes; its jobs survive that, and it picks them up. */
export class RunnerProcess {
  readonly #options: RunnerProcessOptions;
  #child: ChildProcess | undefined;
  #isStopping = false;

  constructor(options: RunnerProcessOptions) {
    this.#options = options;
  }

  start(): void {
    const { root, url, token, stateDir, onLine, onSpawn } = this.#options;
    const args = [
      join(root, 'cli', 'src', 'main.ts'),
      'runner',
      '--attached',
      '--state',
      stateDir,
      '--name',
      'local',
    ];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, MILLRACE_URL: url, MILLRACE_TOKEN: token },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    if (child.pid !== undefined) onSpawn(child.pid);
    const lines = (chunk: Buffer): void => {
      for (const line of chunk.toString().split('\n')) if (line !== '') onLine(line);
    };
    child.stdout.on('data', lines);
    child.stderr.on('data', lines);
    child.on('exit', () => {
      if (!this.#isStopping) setTimeout(() => this.start(), RESTART_MS);
    });
  }

  /** Running jobs stay with their supervisors. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
}
