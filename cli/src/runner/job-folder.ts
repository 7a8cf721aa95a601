import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
    await rm(path, { recursive: true, force: true });
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
      await rm(path, { recursive: true, force: true });
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
    const [pid = 0, startTime = 0] = started.trim().split(' ').map(Number);
    const supervisor = { pid, startTime };
    if (await isSameProcess(supervisor)) return { kind: 'Running', supervisor };
    // It may have written its last word between our two looks.
    return (await this.#text('exit'))?.endsWith('\n') === true ? this.standing() : { kind: 'Vanished' };
  }

  /** Sends a signal to all of the job's processes. False: there is no such group (yet, or any more). */
  async signal(signal: NodeJS.Signals): Promise<boolean> {
    const group = Number(await this.#text('group'));
    if (!(group > 1)) return false;
    try {
      process.kill(-group, signal);
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
    return text === undefined || text === '' ? undefined : (JSON.parse(text) as LogStanding);
  }

  async keepLogStanding(standing: LogStanding): Promise<void> {
    await writeFile(join(this.path, 'log.json'), JSON.stringify(standing));
  }

  async note(line: string): Promise<void> {
    await writeFile(this.outputLog, `${line}\n`, { flag: 'a' });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
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
