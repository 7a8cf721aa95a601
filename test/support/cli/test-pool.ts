import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import {
  type JobArtifact,
  type JobPayload,
  PING,
  PONG,
  PoolMessage,
  RunnerMessage,
} from '../../../contract/runner-protocol.ts';
import type { Server } from '../../../cli/src/client/client.ts';
import { matching, pack } from '../../../cli/src/runner/archive.ts';
import { aFolder } from './folder.ts';
import { TestLog } from './test-log.ts';
import { type Answer, type Asked, problem, TestServer } from './test-server.ts';

const RUNNER_TOKEN = 'runner token';
const REGISTERED_TOKEN = 'token of a registered runner';
/** Works once, as they do. */
export const REGISTRATION_TOKEN = 'registration token';
/** The identity that the pool gives to whoever registers. */
export const REGISTERED_AS = 'reg-0123456789abcdef';

type Saying<Type extends RunnerMessage['type']> = Extract<RunnerMessage, { type: Type }>;

/**
 * A pool with its logs and artifacts on a real port. Answers a runner as a pool would, unless told otherwise, and takes
 * offence at every message that is not exactly one of the protocol.
 */
export class TestPool {
  /** All that the runner ever said, in order. */
  readonly said: RunnerMessage[] = [];
  readonly artifacts = new Map<string, Buffer>();
  /** Answers to the next requests for artifacts, instead of the right ones. */
  readonly troubles: Answer[] = [];
  /** Environment variables that a job is given when it asks for its secrets, after these answers. */
  secrets: Record<string, string> = {};
  /** What it is given to ask for identity tokens with. */
  identity: string | undefined;
  readonly secretsTroubles: Answer[] = [];
  secretsAsked = 0;
  /** False: results are heard and not acknowledged. */
  isAcknowledging = true;
  /** False: a claim is heard and not answered. */
  isAnsweringClaims = true;
  /** Set: new connections of runners are refused with it. */
  refusal: number | undefined;
  /** Set: so are connections to logs. */
  logRefusal: number | undefined;
  logRefusals = 0;
  connections = 0;
  registrations = 0;
  readonly #jobs = new Map<string, JobPayload>();
  readonly #logs = new Map<string, TestLog>();
  readonly #violations: unknown[] = [];
  #inbox: RunnerMessage[] = [];
  #waiting: { readonly look: () => void; readonly fail: (error: Error) => void }[] = [];
  #broken: Error | undefined;
  #socket: WebSocket | undefined;
  #url = '';

  static async start(): Promise<TestPool> {
    const pool = new TestPool();
    const { url } = await TestServer.start({
      answer: (asked) => pool.#answer(asked),
      accept: (asked) => pool.#accept(asked),
    });
    pool.#url = url;
    onTestFinished(() => expect(pool.#violations).toEqual([]));
    return pool;
  }

  get server(): Server {
    return { url: this.#url, token: RUNNER_TOKEN };
  }

  log(job: string): TestLog {
    const known = this.#logs.get(job) ?? new TestLog((error) => this.#violations.push(error));
    this.#logs.set(job, known);
    return known;
  }

  /** As if the runner had claimed it: its token opens its log. */
  know(payload: JobPayload): { readonly server: Server; readonly log: TestLog } {
    this.#jobs.set(payload.job, payload);
    return { server: { url: this.#url, token: jobToken(payload.job) }, log: this.log(payload.job) };
  }

  /** Offers it, and gives it to the first who claims it. */
  offer(payload: JobPayload): void {
    this.#jobs.set(payload.job, payload);
    this.say({ type: 'offer', job: payload.job });
  }

  give(payload: JobPayload): void {
    this.#jobs.set(payload.job, payload);
    this.say({ type: 'claimed', job: payload.job, payload, token: jobToken(payload.job) });
  }

  say(message: PoolMessage): void {
    this.sayAnything(PoolMessage.parse(message));
  }

  sayAnything(message: unknown): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** The network breaks, without a word. */
  drop(): void {
    this.#socket?.terminate();
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  /** Waits for the next message like that, or finds it among those that nobody has asked for yet. */
  async hears<Type extends RunnerMessage['type']>(
    type: Type,
    isRight: (message: Saying<Type>) => boolean = () => true,
  ): Promise<Saying<Type>> {
    const fits = (message: RunnerMessage): message is Saying<Type> =>
      message.type === type && isRight(message as Saying<Type>);
    for (;;) {
      const found = this.#inbox.find(fits);
      if (found !== undefined) {
        this.#inbox = this.#inbox.filter((message) => message !== found);
        return found;
      }
      if (this.#broken !== undefined) throw this.#broken;
      await new Promise<void>((look, fail) => this.#waiting.push({ look, fail }));
    }
  }

  countOf(type: RunnerMessage['type']): number {
    return this.said.filter((message) => message.type === type).length;
  }

  /** Whoever waits need not wait any longer. */
  breakOff(error: Error): void {
    this.#broken = error;
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }

  #identity(): object {
    return this.identity === undefined ? {} : { identity: { token: this.identity } };
  }

  #accept({ path, query, token }: Asked): ((socket: WebSocket) => void) | Answer {
    if (path === '/runners/connect') {
      if (this.refusal !== undefined) return { status: this.refusal };
      if (token !== RUNNER_TOKEN && token !== REGISTERED_TOKEN) return { status: 401 };
      return (socket) => this.#join(socket);
    }
    const job = [...this.#jobs.keys()].find((id) => jobToken(id) === token);
    if (path !== '/job/log' || job === undefined) return { status: 401 };
    if (this.logRefusal !== undefined) {
      this.logRefusals += 1;
      return { status: this.logRefusal };
    }
    return (socket) => this.log(job).join(socket, query.get('new') === 'true');
  }

  #join(socket: WebSocket): void {
    this.#socket = socket;
    this.connections += 1;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === PING) {
        socket.send(PONG);
        return;
      }
      try {
        const message = RunnerMessage.parse(JSON.parse(text));
        expect(message, 'nothing but what the protocol knows').toEqual(JSON.parse(text));
        this.#hear(message);
      } catch (error) {
        this.#violations.push(error);
        this.breakOff(error as Error);
      }
    });
  }

  #hear(message: RunnerMessage): void {
    this.said.push(message);
    this.#inbox.push(message);
    for (const { look } of this.#waiting.splice(0)) look();
    switch (message.type) {
      case 'hello':
        this.say({ type: 'welcome', server: 'test' });
        return;
      case 'claim': {
        const payload = this.#jobs.get(message.job);
        if (!this.isAnsweringClaims) return;
        if (payload === undefined) this.say({ type: 'gone', job: message.job });
        else this.give(payload);
        return;
      }
      case 'finish':
        if (this.isAcknowledging) this.say({ type: 'finished', job: message.job });
        return;
      case 'draining':
    }
  }

  #answer({ method, path, token, header, body }: Asked): Answer {
    if (path === '/runners/register') {
      if (token !== REGISTRATION_TOKEN || this.registrations > 0) {
        return problem(401, 'unauthenticated', 'This registration token has been used already.');
      }
      this.registrations += 1;
      const expiresAt = '2030-01-01T00:00:00.000Z';
      return { status: 201, body: { runner: REGISTERED_AS, token: REGISTERED_TOKEN, expiresAt } };
    }
    if (path === '/job/secrets') {
      this.secretsAsked += 1;
      return (
        this.secretsTroubles.shift() ?? { status: 200, body: { environment: this.secrets, ...this.#identity() } }
      );
    }
    const [, digest] = /^\/artifacts\/(.+)$/.exec(path) ?? [];
    if (digest === undefined) return problem(404, 'not_found', `There is no ${path}.`);
    if (![...this.#jobs.keys()].some((id) => jobToken(id) === token)) {
      return problem(401, 'unauthenticated', 'The token is not valid here.');
    }
    const trouble = this.troubles.shift();
    if (trouble !== undefined) return trouble;
    if (method === 'GET') {
      const bytes = this.artifacts.get(digest);
      return bytes === undefined
        ? problem(404, 'artifact_not_found', `There is no artifact ${digest}.`)
        : { status: 200, body: bytes };
    }
    if (digestOf(body) !== digest) return problem(422, 'digest_mismatch', `The bytes are ${digestOf(body)}.`);
    if (header('content-length') !== String(body.byteLength)) return problem(411, 'length_required', 'No length.');
    this.artifacts.set(digest, body);
    return { status: 201, body: { digest, sizeBytes: body.byteLength } };
  }
}

/** An artifact that the pool has, with these files. */
export async function anArtifact(
  pool: TestPool,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<JobArtifact> {
  const folder = await aFolder();
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  const archive = join(await aFolder(), 'archive.tar.gz');
  const { digest, sizeBytes } = await pack(folder, await matching(folder, []), archive);
  pool.artifacts.set(digest, await readFile(archive));
  return { name, digest, sizeBytes };
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function jobToken(job: string): string {
  return `token of ${Buffer.from(job).toString('hex')}`;
}
