import { spawn } from 'node:child_process';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JobClone } from '../../../contract/connections.ts';
import { cleanResult } from '../../../contract/redact/clean-result.ts';
import { Redactor } from '../../../contract/redact/redactor.ts';
import type { JobResult } from '../../../contract/runner-protocol.ts';
import { JobSecrets } from '../../../contract/secrets.ts';
import { downloadArtifact, uploadArtifact } from '../client/artifacts.ts';
import { Client } from '../client/client.ts';
import { ApiError } from '../client/problem.ts';
import { type Archive, matching, pack, unpack } from './archive.ts';
import { cloneInto } from './clone.ts';
import { type IdentityDoor, jobEnvironment, type Secrets } from './environment.ts';
import { errorText } from './error-text.ts';
import type { JobFolder } from './job-folder.ts';
import { LogStream } from './log-stream.ts';
import { type ParsedVariables, parseOutputVariables } from './output-variables.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervise.sh', import.meta.url));
/** Where the supervisor's own programs are; the job may have a PATH without them. */
const PROGRAMS = process.env['PATH'] ?? '/usr/bin:/bin';
/** File events may be lost; a look now and then costs nothing beside a running job. */
const LOOK_EVERY_MS = 2_000;
const LOOKS_MAX = 15;
const UPLOAD_ATTEMPTS = 4;
/** Until a supervisor has got as far as its job's process group, there is nobody to signal. */
const SIGNAL_AGAIN_MS = 50;
const SECRETS_ATTEMPTS = 4;
/** Between attempts to learn again what to mask. */
const MASK_AGAIN_MS = { first: 500, longest: 20_000 };
const MESSAGE_MAX = 4_096;

const NO_IDENTITY =
  '\u001b[33mThis execution gets no identity: it was not started by a member or a service token, or strangers may start its pipeline.\u001b[0m';

/** What a job gets right before it begins, and what is nowhere on the disk. */
interface Given {
  readonly secrets: Secrets;
  readonly identity?: IdentityDoor;
}

export interface JobParts {
  readonly serverUrl: string;
  /** The result is on disk and may be told. */
  readonly onResult: (job: string, result: JobResult) => void;
  /** Acknowledged, its log sealed: nothing is left of it. */
  readonly onGone: (job: string) => void;
  readonly log: (line: string) => void;
}

/** One job from its folder to its result. May be picked up anywhere on the way by a runner that was started again. */
export class Job {
  readonly id: string;
  readonly #folder: JobFolder;
  readonly #parts: JobParts;
  readonly #client: Client;
  readonly #logStream: LogStream;
  #redactor = new Redactor([]);
  #result: JobResult | undefined;
  #isCancelled = false;
  #isFenced = false;
  #isLost = false;
  #isAcknowledged = false;
  #acknowledging: Promise<void> | undefined;
  #isLogDone = false;

  constructor(folder: JobFolder, parts: JobParts) {
    this.id = folder.payload.job;
    this.#folder = folder;
    this.#parts = parts;
    this.#client = new Client({ url: parts.serverUrl, token: folder.token });
    this.#logStream = new LogStream(this.#client, folder);
  }

  get result(): JobResult | undefined {
    return this.#result;
  }

  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  get isRunning(): boolean {
    return this.#result === undefined;
  }

  /** A job that was just claimed. */
  async start(): Promise<void> {
    void this.#logStream.open();
    try {
      await this.#fetchInputs();
    } catch (error) {
      await this.#folder.void();
      const code = error instanceof ApiError && error.status < 500 ? 'RevisionUnavailable' : 'SystemUnavailable';
      const message = `Its inputs could not be fetched: ${errorText(error)}`;
      await this.#folder.note(`\u001b[31m${message}\u001b[0m`);
      return this.#conclude({ ...nothing, outcome: 'failed', code, message });
    }
    let given: Given;
    try {
      given = await this.#fetchSecrets();
      this.#mask(given);
      if (this.#folder.payload.identity && given.identity === undefined) await this.#folder.note(NO_IDENTITY);
    } catch (error) {
      await this.#folder.void();
      const code = error instanceof ApiError && error.status < 500 ? 'ConfigurationError' : 'SystemUnavailable';
      const message = `It cannot have its secrets: ${errorText(error)}`;
      await this.#folder.note(`\u001b[31m${message}\u001b[0m`);
      return this.#conclude({ ...nothing, outcome: 'failed', code, message });
    }
    if (this.#isCancelled || this.#isFenced) {
      await this.#folder.void();
      return this.#conclude(cancelled);
    }
    try {
      this.#supervise(given);
    } catch (error) {
      const message = `It could not be started: ${errorText(error)}`;
      await this.#folder.note(`\u001b[31m${message}\u001b[0m`);
      return this.#conclude({ ...nothing, outcome: 'failed', code: 'ConfigurationError', message });
    }
    await this.#attend();
  }

  /** A job that an earlier runner has started. */
  async adopt(): Promise<void> {
    this.#isAcknowledged = await this.#folder.isAcknowledged();
    const result = await this.#folder.result();
    await this.#maskAgain();
    void this.#logStream.open();
    if (result === undefined) return this.#attend();
    await this.#conclude(result);
  }

  /** SIGTERM to all of it, and SIGKILL after the grace. */
  async cancel(graceMs: number, as: 'cancelled' | 'fenced' | 'lost' = 'cancelled'): Promise<void> {
    if (as === 'fenced') this.#isFenced = true;
    if (as === 'lost') this.#isLost = true;
    this.#isCancelled = true;
    setTimeout(() => void this.#folder.signal('SIGKILL'), graceMs).unref();
    if (as === 'fenced' && this.#result !== undefined) await this.acknowledged();
    while (this.isRunning && !(await this.#folder.signal('SIGTERM'))) {
      await new Promise((resolve) => setTimeout(resolve, SIGNAL_AGAIN_MS));
    }
  }

  /** The server has the result, or wants none. */
  async acknowledged(): Promise<void> {
    // It may be said more than once, and the folder may be gone by then.
    this.#acknowledging ??= this.#acknowledge();
    await this.#acknowledging;
  }

  async #acknowledge(): Promise<void> {
    await this.#folder.acknowledge().catch((error: unknown) => this.#complain('its acknowledgement', error));
    this.#isAcknowledged = true;
    await this.#cleanUp();
  }

  async #fetchInputs(): Promise<void> {
    const { inputs } = this.#folder.payload;
    await mkdir(join(this.#folder.path, 'downloads'), { recursive: true });
    await Promise.all(
      inputs.map(async ({ name, digest, clone }, index) => {
        const folder = index === 0 ? this.#folder.workspace : this.#folder.input(name);
        if (clone === true) return this.#clone(name, folder);
        const archive = join(this.#folder.path, 'downloads', name);
        await downloadArtifact(this.#client, digest, archive);
        await unpack(archive, folder);
        await rm(archive);
      }),
    );
  }

  async #clone(artifact: string, folder: string): Promise<void> {
    const path = `/job/clones/${encodeURIComponent(artifact)}`;
    const clone = JobClone.parse(await persistently(SECRETS_ATTEMPTS, () => this.#client.get(path)));
    await cloneInto(folder, clone, this.#folder.payload.timeoutMs);
  }

  /** Asked for as late as can be: after this, the job begins. */
  async #fetchSecrets(): Promise<Given> {
    const { secrets, identity } = this.#folder.payload;
    if (Object.keys(secrets).length === 0 && !identity) return { secrets: {} };
    const read = () => this.#client.get('/job/secrets');
    const answer = JobSecrets.parse(await persistently(SECRETS_ATTEMPTS, read));
    const url = this.#client.address('/job/id-token');
    const door =
      !identity || answer.identity === undefined ? {} : { identity: { url, token: answer.identity.token } };
    return { secrets: answer.environment, ...door };
  }

  #mask({ secrets, identity }: Given): void {
    const values = [...Object.values(secrets), ...(identity === undefined ? [] : [identity.token])];
    if (values.length === 0) return;
    this.#redactor = new Redactor(values);
    this.#logStream.mask(this.#redactor);
  }

  /**
   * Whoever picks a job up does not know its secrets, but has to mask what it writes. When the job is not ours any more, they
   * are not told to us either; then its log is masked where it arrives.
   */
  async #maskAgain(): Promise<void> {
    for (let waitMs = MASK_AGAIN_MS.first; ; waitMs = Math.min(2 * waitMs, MASK_AGAIN_MS.longest)) {
      try {
        this.#mask(await this.#fetchSecrets());
        return;
      } catch (error) {
        if (error instanceof ApiError && error.status < 500 && error.status !== 429) return;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs * Math.random()));
    }
  }

  #supervise({ secrets, identity }: Given): void {
    const seconds = Math.ceil(this.#folder.payload.timeoutMs / 1000);
    const supervisor = spawn('/bin/sh', [SUPERVISOR, this.#folder.path, String(seconds), PROGRAMS], {
      detached: true,
      stdio: 'ignore',
      cwd: this.#folder.path,
      env: jobEnvironment(this.#folder, process.env, secrets, identity),
    });
    supervisor.on('error', () => undefined); // found by looking at the folder
    supervisor.unref();
  }

  /** Waits for the end by watching the folder, and passes on what the job says meanwhile. */
  async #attend(): Promise<void> {
    const exit = await this.#exited();
    await this.#conclude(await this.#resultOf(exit));
  }

  async #exited(): Promise<{ readonly code: number; readonly isTimedOut: boolean } | undefined> {
    let watcher: FSWatcher | undefined;
    let looking: NodeJS.Timeout | undefined;
    let unseen = 0;
    try {
      return await new Promise((resolve) => {
        const look = async (): Promise<void> => {
          const standing = await this.#folder.standing();
          if (standing.kind === 'Exited') resolve(standing);
          if (standing.kind === 'Vanished') {
            // What it supervised may be alive, and has nobody to report to.
            await this.#folder.signal('SIGKILL');
            resolve(undefined);
          }
          // A supervisor that does not even begin within a few looks never will.
          unseen = standing.kind === 'NotStarted' ? unseen + 1 : 0;
          if (unseen > LOOKS_MAX && (await this.#folder.void())) resolve(undefined);
        };
        watcher = watched(this.#folder.path, (name) => {
          if (name === 'exit') void look();
          else if (name === 'output.log') this.#logStream.poke();
        });
        looking = setInterval(() => {
          void look();
          this.#logStream.poke();
        }, LOOK_EVERY_MS);
        void look();
      });
    } finally {
      watcher?.close();
      clearInterval(looking);
    }
  }

  async #resultOf(exit: { readonly code: number; readonly isTimedOut: boolean } | undefined): Promise<JobResult> {
    if (exit === undefined || this.#isLost) {
      const message =
        exit === undefined ? 'Its supervisor vanished.' : 'The runner was shut down in the middle of it.';
      return { ...nothing, outcome: 'lost', message };
    }
    const { code: exitCode, isTimedOut } = exit;
    if (this.#isCancelled) return { ...cancelled, exitCode };
    if (isTimedOut) {
      const message = `Timed out after ${Math.round(this.#folder.payload.timeoutMs / 1000)} s.`;
      return { ...nothing, outcome: 'failed', code: 'TimedOut', exitCode, message };
    }
    if (exitCode !== 0) {
      const message = exitCode > 128 ? `Killed by signal ${exitCode - 128}.` : `Exited with code ${exitCode}.`;
      return { ...nothing, outcome: 'failed', code: 'JobFailed', exitCode, message };
    }
    return this.#collect(exitCode);
  }

  /** What a successful job leaves behind: output variables and artifacts. */
  async #collect(exitCode: number): Promise<JobResult> {
    const failed = async (code: 'JobFailed' | 'SystemUnavailable', message: string): Promise<JobResult> => {
      await this.#folder.note(`\u001b[31m${message}\u001b[0m`);
      return { ...nothing, outcome: 'failed', code, exitCode, message };
    };
    const parsed = await this.#outputVariables();
    if (!parsed.ok) return failed('JobFailed', parsed.message);
    const artifacts: JobResult['artifacts'] = [];
    for (const { name, files } of this.#folder.payload.outputs) {
      const found = await matching(this.#folder.workspace, files);
      if (found.length === 0) {
        return failed('JobFailed', `The artifact "${name}": no file matches ${files.join(', ')}.`);
      }
      const target = join(this.#folder.path, `output-${artifacts.length}.tar.gz`);
      let archive: Archive;
      try {
        archive = await pack(this.#folder.workspace, found, target);
      } catch (error) {
        return failed('JobFailed', `The artifact "${name}": ${errorText(error)}`);
      }
      try {
        await this.#upload(target, archive);
      } catch (error) {
        return failed('SystemUnavailable', `The artifact "${name}" could not be uploaded: ${errorText(error)}`);
      }
      await rm(target);
      artifacts.push({ name, ...archive });
    }
    return { outcome: 'succeeded', exitCode, message: '', variables: { ...parsed.variables }, artifacts };
  }

  async #outputVariables(): Promise<ParsedVariables> {
    try {
      return parseOutputVariables(await readFile(this.#folder.outputVariables, 'utf8'));
    } catch (error) {
      return { ok: false, message: `$MILLRACE_OUTPUT cannot be read: ${errorText(error)}` };
    }
  }

  async #upload(file: string, archive: { readonly digest: string; readonly sizeBytes: number }): Promise<void> {
    await persistently(UPLOAD_ATTEMPTS, () => uploadArtifact(this.#client, file, archive));
  }

  async #conclude(given: JobResult): Promise<void> {
    const clean = cleanResult(this.#redactor, given);
    const result = { ...clean, message: clean.message.slice(0, MESSAGE_MAX) };
    if ((await this.#folder.result()) === undefined) {
      // Without a disk that takes it, it is told all the same; it would only not survive us.
      await this.#folder.keepResult(result).catch((error: unknown) => this.#complain('its result', error));
    }
    this.#result = result;
    if (this.#isFenced) await this.acknowledged();
    else if (!this.#isAcknowledged) this.#parts.onResult(this.id, result);
    await this.#logStream.end(await sizeOf(this.#folder.outputLog));
    this.#isLogDone = true;
    await this.#cleanUp();
  }

  async #cleanUp(): Promise<void> {
    if (!this.#isAcknowledged || !this.#isLogDone) return;
    await this.#folder.remove().catch((error: unknown) => this.#complain('its end; its folder stays', error));
    this.#parts.onGone(this.id);
  }

  #complain(about: string, error: unknown): void {
    this.#parts.log(`${this.id}: ${about}: ${errorText(error)}`);
  }
}

/** Tries again what may come right by itself. */
async function persistently<T>(attempts: number, what: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await what();
    } catch (error) {
      const isFinal = error instanceof ApiError && error.status < 500 && error.status !== 429;
      if (isFinal || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt * Math.random()));
    }
  }
}

const nothing = { exitCode: null, message: '', variables: {}, artifacts: [] };

const cancelled: JobResult = { ...nothing, outcome: 'cancelled', message: 'Cancelled.' };

/** Undefined where the system has no more watches to give: looking now and then has to do. */
function watched(folder: string, onChange: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, (_, name) => onChange(name)).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
