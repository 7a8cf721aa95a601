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
import { Job, type JobParts } from './job.ts';
import { JobFolder } from './job-folder.ts';
import { PoolConnection } from './pool-connection.ts';

const SAY_AGAIN_MS = 5_000;
const SHUTDOWN_GRACE_MS = 10_000;

export interface RunnerOptions {
  readonly server: Server;
  readonly stateDir: string;
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
  readonly #connection: PoolConnection;
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
      onMessage: (message) => void this.#onMessage(message),
      onConnected: () => this.#sayResults(),
      onRefused: (reason) => this.#finish(reason),
      log: options.log,
    });
  }

  /** Runs until it is drained or refused; resolves to the reason, empty when all is well. */
  async run(): Promise<string> {
    this.#identity = await identityIn(this.#options.stateDir);
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
      jobs: [...this.#jobs.keys()],
    };
  }

  async #pickUp(folder: JobFolder): Promise<void> {
    const { job } = folder.payload;
    // Whether a job that had not begun may still run is for the pool to say; it offers it again if so.
    if ((await folder.standing()).kind === 'NotStarted' && (await folder.void())) {
      await folder.remove();
      return;
    }
    this.#options.log(`Picking up ${job}.`);
    const adopted = new Job(folder, this.#jobParts());
    this.#jobs.set(job, adopted);
    void adopted.adopt();
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
        this.#claiming.delete(message.job);
        return;
      case 'cancel':
        this.#options.log(`Cancelling ${message.job}: ${message.reason}.`);
        await this.#jobs.get(message.job)?.cancel(message.graceMs);
        return;
      case 'fenced':
        await this.#jobs.get(message.job)?.cancel(SHUTDOWN_GRACE_MS, 'fenced');
        return;
      case 'finished':
        await this.#jobs.get(message.job)?.acknowledged();
        return;
      case 'problem':
        this.#options.log(message.message);
        return;
      case 'welcome':
    }
  }

  #claim(job: string): void {
    const busy = this.running + this.#claiming.size;
    if (this.#isDraining || this.#jobs.has(job) || busy >= this.#options.slots) return;
    this.#claiming.add(job);
    // Should the answer get lost with the connection, the pool offers the job again.
    setTimeout(() => this.#claiming.delete(job), SAY_AGAIN_MS).unref();
    this.#connection.say({ type: 'claim', job });
  }

  async #begin({ job, payload, token }: Extract<PoolMessage, { type: 'claimed' }>): Promise<void> {
    if (this.#jobs.has(job)) return;
    const folder = await JobFolder.create(this.#jobsDir, payload, token);
    const begun = new Job(folder, this.#jobParts());
    this.#jobs.set(job, begun);
    this.#claiming.delete(job);
    this.#options.log(`Running ${payload.pipeline} #${payload.number} ${payload.stage}/${payload.action}.`);
    await begun.start();
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
    if (this.#isDraining && this.#jobs.size === 0) this.#finish('');
  }
}

/** Made once: the pool knows a runner by it, and gives it its jobs back. */
async function identityIn(stateDir: string): Promise<string> {
  const file = join(stateDir, 'identity');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    const made = randomUUID();
    await writeFile(file, `${made}\n`, { mode: 0o600 });
    return made;
  }
}
