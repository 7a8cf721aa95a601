import { DurableObject } from 'cloudflare:workers';
import {
  CLOSE_NOT_YOURS,
  CLOSE_REPLACED,
  CLOSE_UNSUPPORTED,
  type JobResult,
  PING,
  PONG,
  type PoolMessage,
  REGISTERED_RUNNER,
  type Runner,
  RUNNER_PROTOCOL,
  RunnerMessage,
} from '../../../contract/runner-protocol.ts';
import type { ExecutionId, Instant, JobId } from '../../engine/ids.ts';
import type { ActionRun } from '../../engine/run.ts';
import type { Reason } from '../../engine/why/reason.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { send } from '../live-sockets.ts';
import { assertOwnTenant } from '../names.ts';
import type { ExecutionPeer } from '../peers.ts';
import { durableOf, later } from '../sql.ts';
import { type ConnectedRunner, PoolCore } from './pool-core.ts';
import { SqlPoolStore } from './sql-pool-store.ts';

export interface PoolServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly executions: ExecutionPeer;
  readonly mintJobToken: (run: ActionRun) => Promise<string>;
  readonly cleanResult: (run: ActionRun, result: JobResult) => Promise<JobResult>;
}

/** What a socket remembers of its runner across hibernation. Absent until the runner has said hello. */
interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly slots: number;
  readonly isDraining: boolean;
  readonly since: Instant;
}

/** One pool. Holds the runners' sockets, parses what they say, and leaves every decision to the core. */
export class PoolObject extends DurableObject {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #services: PoolServices;
  #core!: PoolCore;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: PoolServices) {
    super(ctx, env);
    this.#clock = services.clock;
    this.#log = services.log;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#services = services;
    void ctx.blockConcurrencyWhile(async () => {
      this.#wake((await ctx.storage.getAlarm()) ?? undefined);
    });
  }

  enqueue(run: ActionRun, sentAt: Instant): 'Accepted' | 'Stale' {
    assertOwnTenant(this.ctx.id, run.tenant);
    return this.#core.enqueue(run, sentAt);
  }

  cancel(tenant: string, job: JobId, execution: ExecutionId, cause: string): ReturnType<PoolCore['cancel']> {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.cancel(job, execution, cause);
  }

  claimedRun(tenant: string, job: JobId): ActionRun | null {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.claimedRun(job) ?? null;
  }

  isClaimed(tenant: string, job: JobId): boolean {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.isClaimed(job);
  }

  why(tenant: string, pool: string, job: JobId): readonly Reason[] {
    assertOwnTenant(this.ctx.id, tenant);
    return this.#core.why(pool, job);
  }

  runners(tenant: string, pool: string): readonly Runner[] {
    assertOwnTenant(this.ctx.id, tenant);
    const here = new Map(this.#connected().map((runner) => [runner.id, runner]));
    return this.#core.knownRunners().map(({ connectedAt, seenAt, labels, ...runner }): Runner => {
      const connected = here.get(runner.id);
      const status = connected?.isDraining === true ? 'Draining' : runner.busy > 0 ? 'Busy' : 'Idle';
      return {
        ...runner,
        pool,
        labels: [...labels],
        status: connected === undefined ? 'Offline' : status,
        connectedAt: connected === undefined ? null : iso(connectedAt),
        lastSeenAt: iso(connected?.heardAt ?? seenAt),
      };
    });
  }

  /** Gives up everything, for good. */
  async forget(tenant: string): Promise<void> {
    assertOwnTenant(this.ctx.id, tenant);
    for (const socket of this.ctx.getWebSockets()) {
      socket.serializeAttachment(null);
      socket.close(CLOSE_NOT_YOURS, 'deleted');
    }
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.deleteAll();
      this.#wake(undefined);
    });
  }

  override alarm(): void {
    this.#core.ring();
  }

  /** Only WebSocket upgrades come this way; the Worker has checked the runner's token, and for which tenant it is. */
  override fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    assertOwnTenant(this.ctx.id, searchParams.get('tenant') ?? '');
    const only = searchParams.get('only');
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, only === null ? [] : [only]);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, text: string | ArrayBuffer): Promise<void> {
    const parsed = RunnerMessage.safeParse(typeof text === 'string' ? json(text) : undefined);
    if (!parsed.success) {
      reply(socket, { type: 'problem', message: 'This message is not one of the runner protocol.' });
      return;
    }
    try {
      await this.#onMessage(socket, parsed.data);
    } catch (error) {
      // The runner says it again; nothing has been acknowledged.
      this.#log.error('runner message failed', { type: parsed.data.type }, error);
    }
  }

  override webSocketClose(socket: WebSocket): void {
    this.#onGone(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#onGone(socket);
  }

  #wake(armedAt: Instant | undefined): void {
    const { storage } = this.ctx;
    this.#core = new PoolCore({
      durable: durableOf(storage),
      store: new SqlPoolStore(storage.sql),
      armedAt,
      later,
      connected: () => this.#connected(),
      send: (runner, message) => this.#send(runner, message),
      disconnect: (runner) => this.#socketOf(runner)?.close(1001, 'silent'),
      ...this.#services,
    });
  }

  async #onMessage(socket: WebSocket, message: RunnerMessage): Promise<void> {
    if (message.type === 'hello') {
      this.#hello(socket, message);
      return;
    }
    const runner = attachmentOf(socket);
    if (runner === undefined) {
      reply(socket, { type: 'problem', message: 'Say hello first.' });
      return;
    }
    switch (message.type) {
      case 'claim':
        return this.#core.claim(runner, message.job as JobId);
      case 'finish':
        reply(socket, await this.#core.finish(runner.id, message.job as JobId, message.result));
        return;
      case 'draining':
        socket.serializeAttachment({ ...runner, isDraining: true } satisfies Attachment);
        this.#core.draining();
    }
  }

  #hello(socket: WebSocket, { protocol, runner, jobs }: Extract<RunnerMessage, { type: 'hello' }>): void {
    if (protocol !== RUNNER_PROTOCOL) {
      const message = `This server speaks runner protocol ${RUNNER_PROTOCOL}, not ${protocol}. Install a matching runner.`;
      reply(socket, { type: 'problem', message });
      socket.close(CLOSE_UNSUPPORTED, 'protocol');
      return;
    }
    const { id, name, labels, slots } = runner;
    if (!this.#isItsToken(socket, id)) {
      reply(socket, { type: 'problem', message: 'This token is for another runner. Register this one by itself.' });
      socket.close(CLOSE_NOT_YOURS, 'another runner');
      return;
    }
    // The same runner on a new connection: the old one is a ghost that has not noticed its end yet.
    for (const other of this.ctx.getWebSockets()) {
      if (other === socket || attachmentOf(other)?.id !== id) continue;
      other.serializeAttachment(null);
      other.close(CLOSE_REPLACED, 'replaced');
    }
    const now = this.#clock.now();
    socket.serializeAttachment({ id, name, labels, slots, isDraining: false, since: now } satisfies Attachment);
    reply(socket, { type: 'welcome', server: 'millrace' });
    this.#core.hello({ ...runner, connectedAt: now, seenAt: now }, jobs);
  }

  /** The token of a registered runner is for that one; all others are for identities that runners made themselves. */
  #isItsToken(socket: WebSocket, id: string): boolean {
    const [only] = this.ctx.getTags(socket);
    return only === undefined ? !id.startsWith(REGISTERED_RUNNER) : only === id;
  }

  #onGone(socket: WebSocket): void {
    const gone = attachmentOf(socket);
    if (gone === undefined) return;
    socket.serializeAttachment(null);
    if (this.#socketOf(gone.id) === undefined) this.#core.disconnected(gone.id);
  }

  #connected(): readonly ConnectedRunner[] {
    return this.ctx.getWebSockets().flatMap((socket) => {
      const runner = socket.readyState === WebSocket.OPEN ? attachmentOf(socket) : undefined;
      if (runner === undefined) return [];
      const pinged = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
      return [{ ...runner, heardAt: Math.max(pinged, runner.since) }];
    });
  }

  #socketOf(runner: string): WebSocket | undefined {
    return this.ctx
      .getWebSockets()
      .find((socket) => socket.readyState === WebSocket.OPEN && attachmentOf(socket)?.id === runner);
  }

  #send(runner: string, message: PoolMessage): void {
    const socket = this.#socketOf(runner);
    if (socket !== undefined) reply(socket, message);
  }
}

function attachmentOf(socket: WebSocket): Attachment | undefined {
  // Written by this class alone, as an Attachment or null.
  return (socket.deserializeAttachment() as Attachment | null) ?? undefined;
}

function reply(socket: WebSocket, message: PoolMessage): void {
  send(socket, JSON.stringify(message));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
