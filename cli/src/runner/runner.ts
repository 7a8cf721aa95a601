import { readFile, writeFile } from 'node:fs/promises';
import { arch, hostname, platform } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import {
  type JobResult,
  type PoolMessage,
  RUNNER_PROTOCOL,
  type RunnerMessage,
} from '../../../contract/runner-protocol.ts';
import { Client, type Server } from '../client/client.ts';
import { errorText } from './error-text.ts';
import { Job, type JobParts } from './job.ts';
import { JobFolder } from './job-folder.ts';
import { PoolConnection } from './pool-connection.ts';

const SAY_AGAIN_MS = 5_000;
const SHUTDOWN_GRACE_MS = 10_000;

export interface RunnerOptions {
  readonly server: Server;
  readonly stateDir: string;
  /** Given by the server when the runner was registered; undefined: it makes its own. */
  readonly identity: string | undefined;
  readonly pool: string;
  readonly name: string | undefined;
  readonly labels: readonly string[];
  readonly slots: number;
  readonly version: string;
  readonly log: (line: string) => void;
}

/**
 * Claims what it is offered, keeps every job on disk until the server has its result and its log, and picks all of them up
 * again when it is started anew.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #jobsDir: string;
  readonly #jobs = new Map<string, Job>();
  readonly #claiming = new Set<string>();
  /** Claimed, and their folders in the making. */
  readonly #beginning = new Set<string>();
  readonly #connection: PoolConnection;
  #turn = Promise.resolve();
  #identity = '';
  #isDraining = false;
  #finish: (reason: string) => void = () => undefined;
  readonly #finished = new Promise<string>((resolve) => (this.#finish = resolve));

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#jobsDir = join(options.stateDir, 'jobs');
    this.#connection = new PoolConnection({
      client: new Client(options.server),
      pool: options.pool,
      hello: () => Promise.resolve(this.#hello()),
      onMessage: (message) => this.#inTurn(message),
      onConnected: () => this.#sayResults(),
      onRefused: (reason) => this.#finish(reason),
      log: options.log,
    });
  }

  /** Runs until it is drained or refused; resolves to the reason, empty when all is well. */
  async run(): Promise<string> {
    this.#identity = this.#options.identity ?? (await identityIn(this.#options.stateDir));
    for (const folder of await JobFolder.all(this.#jobsDir)) await this.#pickUp(folder);
    this.#connection.open();
    const again = setInterval(() => this.#sayResults(), SAY_AGAIN_MS);
    const reason = await this.#finished;
    clearInterval(again);
    this.#connection.close();
    return reason;
  }

  /** Takes nothing new, and leaves when its jobs are done. */
  drain(): void {
    this.#isDraining = true;
    this.#connection.say({ type: 'draining' });
    this.#leaveIfDone();
  }

  /** Ends its jobs and leaves; their actions' `onRunnerLoss` decides what becomes of them. */
  async cancelAll(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#jobs.values()].map((job) => job.cancel(SHUTDOWN_GRACE_MS, 'lost')));
    this.#leaveIfDone();
  }

  /** Leaves at once; running jobs stay with their supervisors and are picked up by the next start. */
  leave(): void {
    this.#finish('');
  }

  get running(): number {
    return [...this.#jobs.values()].filter(({ isRunning }) => isRunning).length;
  }

  #hello(): RunnerMessage {
    const { name, labels, slots, version } = this.#options;
    return {
      type: 'hello',
      protocol: RUNNER_PROTOCOL,
      runner: {
        id: this.#identity,
        name: name ?? hostname(),
        version,
        os: platform(),
        arch: arch(),
        labels: [...labels],
        slots,
      },
      jobs: [...this.#jobs.keys(), ...this.#beginning],
    };
  }

  async #pickUp(folder: JobFolder): Promise<void> {
    const { job } = folder.payload;
    // Whether a job that had not begun may still run is for the pool to say; it offers it again if so.
    const isBegun = (await folder.standing()).kind !== 'NotStarted' || (await folder.result()) !== undefined;
    if (!isBegun && (await folder.void())) {
      await folder.remove();
      return;
    }
    this.#options.log(`Picking up ${job}.`);
    const adopted = new Job(folder, this.#jobParts());
    this.#jobs.set(job, adopted);
    this.#attend(adopted, adopted.adopt());
  }

  /** One after the other: what is said about a job must not overtake its beginning. */
  #inTurn(message: PoolMessage): void {
    this.#turn = this.#turn
      .then(() => this.#onMessage(message))
      .catch((error: unknown) =>
        this.#options.log(`The server's "${message.type}" came to nothing: ${errorText(error)}`),
      );
  }

  async #onMessage(message: PoolMessage): Promise<void> {
    switch (message.type) {
      case 'offer':
        this.#claim(message.job);
        return;
      case 'claimed':
        await this.#begin(message);
        return;
      case 'gone':
        this.#forgetClaim(message.job);
        return;
      case 'cancel':
        this.#options.log(`Cancelling ${message.job}: ${message.reason}.`);
        this.#tell(message.job, (job) => job.cancel(message.graceMs));
        return;
      case 'fenced':
        this.#tell(message.job, (job) => job.cancel(SHUTDOWN_GRACE_MS, 'fenced'));
        return;
      case 'finished':
        this.#tell(message.job, (job) => job.acknowledged());
        return;
      case 'problem':
        this.#options.log(message.message);
        return;
      case 'welcome':
    }
  }

  #claim(job: string): void {
    const busy = this.running + this.#claiming.size + this.#beginning.size;
    if (this.#isDraining || this.#jobs.has(job) || busy >= this.#options.slots) return;
    this.#claiming.add(job);
    // Should the answer get lost with the connection, the pool offers the job again.
    setTimeout(() => this.#forgetClaim(job), SAY_AGAIN_MS).unref();
    this.#connection.say({ type: 'claim', job });
  }

  #forgetClaim(job: string): void {
    this.#claiming.delete(job);
    this.#leaveIfDone();
  }

  async #begin({ job, payload, token }: Extract<PoolMessage, { type: 'claimed' }>): Promise<void> {
    this.#claiming.delete(job);
    if (this.#jobs.has(job)) return;
    this.#beginning.add(job);
    try {
      const folder = await JobFolder.create(this.#jobsDir, payload, token);
      const begun = new Job(folder, this.#jobParts());
      this.#jobs.set(job, begun);
      this.#options.log(`Running ${payload.pipeline} #${payload.number} ${payload.stage}/${payload.action}.`);
      this.#attend(begun, begun.start());
    } catch (error) {
      const message = `Its folder could not be made: ${errorText(error)}`;
      this.#sayResult(job, { outcome: 'lost', exitCode: null, message, variables: {}, artifacts: [] });
    } finally {
      this.#beginning.delete(job);
    }
  }

  #tell(id: string, what: (job: Job) => Promise<void>): void {
    const job = this.#jobs.get(id);
    if (job !== undefined) this.#attend(job, what(job));
  }

  /** A job that goes wrong where it must not, as when its disk is full, is no reason to leave the others alone. */
  #attend(job: Job, doing: Promise<void>): void {
    doing.catch((error: unknown) => this.#options.log(`${job.id} needs a look: ${errorText(error)}`));
  }

  #jobParts(): JobParts {
    return {
      serverUrl: this.#options.server.url,
      log: this.#options.log,
      onResult: (job, result) => this.#sayResult(job, result),
      onGone: (job) => {
        this.#jobs.delete(job);
        this.#leaveIfDone();
      },
    };
  }

  #sayResult(job: string, result: JobResult): void {
    this.#connection.say({ type: 'finish', job, result });
  }

  #sayResults(): void {
    if (this.#isDraining) this.#connection.say({ type: 'draining' });
    for (const job of this.#jobs.values()) {
      if (job.result !== undefined && !job.isAcknowledged) this.#sayResult(job.id, job.result);
    }
  }

  #leaveIfDone(): void {
    // A claim under way may have made a job ours.
    const left = this.#jobs.size + this.#claiming.size + this.#beginning.size;
    if (this.#isDraining && left === 0) this.#finish('');
  }
}

/** Made once: the pool knows a runner by it, and gives it its jobs back. */
async function identityIn(stateDir: string): Promise<string> {
  const file = join(stateDir, 'identity');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known !== '') return known;
  const made = randomUUID();
  await writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}
