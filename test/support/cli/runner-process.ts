import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { aFolder } from './folder.ts';
import { endJobsIn } from './jobs.ts';
import { TestPool } from './test-pool.ts';
import { untilTrue } from './until.ts';

const MAIN = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** `millrace` with these arguments, as a process; in its environment is nothing but what is given, PATH and HOME. */
export function millrace(
  args: readonly string[],
  env: Record<string, string> = {},
  options: Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> = {},
): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    ...options,
  });
}

export function endOf(child: ChildProcess): Promise<Ended> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, output })));
}

export interface RunnerProcessOptions {
  readonly stateDir?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** As nobody, where the tests run as root. */
  readonly isUnprivileged?: boolean;
}

const NOBODY = 65_534;

/** `millrace runner` as a process of its own, which can be signalled and killed like one. */
export class RunnerProcess {
  readonly stateDir: string;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #output = '';
  #isExpectedToEnd = false;

  private constructor(child: ChildProcess, stateDir: string, pool: TestPool) {
    this.#child = child;
    this.stateDir = stateDir;
    child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.ended = endOf(child);
    void this.ended.then(({ code, output }) => {
      if (!this.#isExpectedToEnd) pool.breakOff(new Error(`The runner went away with ${code}:\n${output}`));
    });
  }

  static async start(pool: TestPool, options: RunnerProcessOptions = {}): Promise<RunnerProcess> {
    const { stateDir, args = [], env = {}, isUnprivileged = false } = options;
    const folder = stateDir ?? (await aFolder());
    const isDemoted = isUnprivileged && process.getuid?.() === 0;
    if (isDemoted) await chown(folder, NOBODY, NOBODY);
    const { url, token } = pool.server;
    const all = ['runner', '--url', url, '--state', folder, '--name', 'test', ...args];
    const child = millrace(all, { MILLRACE_TOKEN: token, ...env }, isDemoted ? { uid: NOBODY, gid: NOBODY } : {});
    const runner = new RunnerProcess(child, folder, pool);
    onTestFinished(async () => {
      await runner.kill();
      await endJobsIn(runner.jobsDir);
    });
    return runner;
  }

  /** Started, and known to the pool. */
  static async connected(pool: TestPool, options?: RunnerProcessOptions): Promise<RunnerProcess> {
    const runner = await RunnerProcess.start(pool, options);
    await pool.hears('hello');
    return runner;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get jobsDir(): string {
    return join(this.stateDir, 'jobs');
  }

  async jobFolders(): Promise<readonly string[]> {
    return existsSync(this.jobsDir) ? (await readdir(this.jobsDir)).map((name) => join(this.jobsDir, name)) : [];
  }

  /** The one job's folder, once it is there. */
  async jobFolder(): Promise<string> {
    await untilTrue('the job folder', async () => (await this.jobFolders()).length > 0);
    return (await this.jobFolders())[0] ?? '';
  }

  async hasNoJobs(): Promise<void> {
    await untilTrue('the job folders to go', async () => (await this.jobFolders()).length === 0);
  }

  async says(text: string): Promise<void> {
    await untilTrue(`the runner to say "${text}", not only\n${this.#output}`, () => this.#output.includes(text));
  }

  signal(signal: NodeJS.Signals): void {
    this.#isExpectedToEnd = true;
    this.#child.kill(signal);
  }

  closeStdin(): void {
    this.#isExpectedToEnd = true;
    this.#child.stdin?.end();
  }

  expectEnd(): Promise<Ended> {
    this.#isExpectedToEnd = true;
    return this.ended;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** A pool and its one runner, connected. */
export async function aRunner(args: readonly string[] = []): Promise<{ pool: TestPool; runner: RunnerProcess }> {
  const pool = await TestPool.start();
  return { pool, runner: await RunnerProcess.connected(pool, { args }) };
}
