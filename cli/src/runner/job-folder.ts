import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobPayload, type JobResult, JobResult as JobResultSchema } from '../../../contract/runner-protocol.ts';
import { isSameProcess, type ProcessIdentity } from './process-identity.ts';
import { scriptOf } from './script.ts';

/** How a supervised job stands, as far as its folder tells. */
export type Standing =
  | { readonly kind: 'NotStarted' }
  | { readonly kind: 'Running'; readonly supervisor: ProcessIdentity }
  /** The supervisor is gone without a word: nobody can say how the job ended. */
  | { readonly kind: 'Vanished' }
  | { readonly kind: 'Exited'; readonly code: number; readonly isTimedOut: boolean };

/** What the log knows of this job's output. */
export interface LogStanding {
  readonly sealed: number;
  readonly isComplete: boolean;
}

/**
 * Everything about one job, on disk, where it survives the runner: what to do, how it stands, what came of it. Nothing is
 * started before its folder is safely there.
 */
export class JobFolder {
  readonly path: string;
  readonly payload: JobPayload;
  readonly token: string;

  private constructor(path: string, payload: JobPayload, token: string) {
    this.path = path;
    this.payload = payload;
    this.token = token;
  }

  static async create(root: string, payload: JobPayload, token: string): Promise<JobFolder> {
    const path = join(root, folderName(payload.job));
    await removeAll(path);
    await mkdir(join(path, 'workspace'), { recursive: true, mode: 0o700 });
    const folder = new JobFolder(path, payload, token);
    await folder.#write('script.sh', scriptOf(payload.commands));
    await folder.#write('output', '');
    await folder.#write('job.json', JSON.stringify({ payload, token }));
    await syncFolder(path);
    await syncFolder(root);
    return folder;
  }

  /** Every job in the runner's keeping. What a crash left half made was never started, and goes. */
  static async all(root: string): Promise<readonly JobFolder[]> {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const folders = await Promise.all((await readdir(root)).map((name) => JobFolder.#read(join(root, name))));
    return folders.filter((folder) => folder !== undefined);
  }

  static async #read(path: string): Promise<JobFolder | undefined> {
    try {
      const { payload, token } = JSON.parse(await readFile(join(path, 'job.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      return new JobFolder(path, JobPayload.parse(payload), String(token));
    } catch {
      await removeAll(path).catch(() => undefined);
      return undefined;
    }
  }

  get workspace(): string {
    return join(this.path, 'workspace');
  }

  get outputLog(): string {
    return join(this.path, 'output.log');
  }

  /** The file behind $MILLRACE_OUTPUT. */
  get outputVariables(): string {
    return join(this.path, 'output');
  }

  input(name: string): string {
    return join(this.path, 'inputs', name);
  }

  /**
   * Makes sure that nothing will start this job any more, unless its supervisor was faster. True: it is void. Used for jobs
   * that a crashed runner may or may not have started.
   */
  async void(): Promise<boolean> {
    try {
      await writeFile(join(this.path, 'started'), 'void', { flag: 'wx' });
      return true;
    } catch {
      return (await this.#text('started')) === 'void';
    }
  }

  async standing(): Promise<Standing> {
    const exit = await this.#text('exit');
    if (exit?.endsWith('\n') === true) {
      return { kind: 'Exited', code: Number(exit), isTimedOut: existsSync(join(this.path, 'timed-out')) };
    }
    const started = await this.#text('started');
    if (started?.endsWith('\n') !== true) return { kind: 'NotStarted' };
    const supervisor = identityIn(started);
    if (await isSameProcess(supervisor)) return { kind: 'Running', supervisor };
    // It may have written its last word between our two looks.
    return (await this.#text('exit'))?.endsWith('\n') === true ? this.standing() : { kind: 'Vanished' };
  }

  /**
   * Sends a signal to all of the job's processes. False: there is no such group (yet, or any more; after a restart of the
   * machine, its number may be somebody else's).
   */
  async signal(signal: NodeJS.Signals): Promise<boolean> {
    const leader = identityIn((await this.#text('group')) ?? '');
    if (!(leader.pid > 1) || !(await isSameProcess(leader))) return false;
    try {
      process.kill(-leader.pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  async result(): Promise<JobResult | undefined> {
    const text = await this.#text('result.json');
    return text === undefined ? undefined : JobResultSchema.parse(JSON.parse(text));
  }

  async keepResult(result: JobResult): Promise<void> {
    await this.#write('result.json', JSON.stringify(result));
  }

  async isAcknowledged(): Promise<boolean> {
    return (await this.#text('acknowledged')) !== undefined;
  }

  async acknowledge(): Promise<void> {
    await this.#write('acknowledged', '');
  }

  /** Undefined: the log has never been opened. */
  async logStanding(): Promise<LogStanding | undefined> {
    const text = await this.#text('log.json');
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as LogStanding;
    } catch {
      // Torn by a crash. The log itself knows better, and says from where it wants to be sent.
      return { sealed: 0, isComplete: false };
    }
  }

  async keepLogStanding(standing: LogStanding): Promise<void> {
    await writeFile(join(this.path, 'log.json'), JSON.stringify(standing));
  }

  async note(line: string): Promise<void> {
    await writeFile(this.outputLog, `${line}\n`, { flag: 'a' });
  }

  async remove(): Promise<void> {
    await removeAll(this.path);
  }

  async #text(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.path, name), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** On disk when this returns. */
  async #write(name: string, text: string): Promise<void> {
    const file = await open(join(this.path, name), 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Package managers like to make their caches read-only, and then not even their owner can remove them. */
async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await makeWritable(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}

/** From the two numbers that the supervisor writes. */
function identityIn(text: string): ProcessIdentity {
  const [pid = 0, startTime = 0] = text.trim().split(' ').map(Number);
  return { pid, startTime };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Readable, safe as a file name, and different for different jobs. */
function folderName(job: string): string {
  const digest = createHash('sha256').update(job).digest('hex').slice(0, 12);
  return `${job.replace(/[^A-Za-z0-9.-]+/g, '_').slice(-60)}-${digest}`;
}
