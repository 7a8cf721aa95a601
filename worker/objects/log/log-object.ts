import { DurableObject } from 'cloudflare:workers';
import type { Redactor } from '../../../contract/redact/redactor.ts';
import { decodeChunk, encodeChunk, type LogWatcherMessage, LogWriterMessage } from '../../../contract/log-frames.ts';
import { PING, PONG } from '../../../contract/runner-protocol.ts';
import type { Log } from '../../kernel/log.ts';
import { acceptWatcher, send, sendToWatcher } from '../live-sockets.ts';
import { assertOwnTenant } from '../names.ts';
import { type Chunk, LogCore, type SegmentStore } from './log-core.ts';
import type { LogRoom } from './log-room.ts';

const WRITER = 'writer';
const WATCHER = 'watcher';
/** Larger pieces of sealed log would make the reader wait and the object swell. */
const FRAME_BYTES = 64 * 1024;

export interface LogServices {
  readonly log: Log;
  readonly segments: (tenant: string, job: string) => SegmentStore;
  readonly room: (tenant: string) => LogRoom;
  /** `masking` as the Worker has handed it over with the writer's socket. */
  readonly redactor: (tenant: string, masking: string) => Promise<Redactor>;
}

/** The log of one attempt. Holds its writer's and its watchers' sockets; the core knows what lies where. */
export class LogObject extends DurableObject {
  readonly #core: LogCore;
  readonly #log: Log;
  readonly #behind = new Set<WebSocket>();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: LogServices) {
    super(ctx, env);
    const [, tenant = '', , ...job] = (ctx.id.name ?? '').split(':');
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#log = services.log;
    this.#core = new LogCore({
      log: services.log,
      redactor: (masking) => services.redactor(tenant, masking),
      segments: services.segments(tenant, job.join(':')),
      room: services.room(tenant),
      isWatched: () => ctx.getWebSockets(WATCHER).length > 0,
      toWriter: (reply) => {
        for (const socket of ctx.getWebSockets(WRITER)) send(socket, JSON.stringify(reply));
      },
      toWatchers: (message) => {
        for (const socket of ctx.getWebSockets(WATCHER)) if (!this.#behind.has(socket)) toWatcher(socket, message);
      },
    });
  }

  /** Upgrades for writers and watchers, and the plain text for everybody else. The Worker has checked who asks for what. */
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    assertOwnTenant(this.ctx.id, searchParams.get('tenant') ?? '');
    const after = Number(searchParams.get('after') ?? 0);
    switch (pathname) {
      case '/write':
        return this.#acceptWriter(searchParams.get('new') === 'true', searchParams.get('masking'));
      case '/watch':
        return this.#acceptWatcher(after, searchParams.get('by'));
      default:
        return this.#read(after);
    }
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (!this.ctx.getTags(socket).includes(WRITER)) return;
    try {
      await this.#onMessage(socket, message);
    } catch (error) {
      this.#log.error('log not taken', {}, error);
      // The writer has it still, and sends it again when it is back.
      socket.close(1011, 'try again');
    }
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    await this.#onGone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#onGone(socket);
  }

  async #onMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (message instanceof ArrayBuffer) {
      const chunk = decodeChunk(message);
      // Written by this class alone; null of a job without secrets.
      const masking = socket.deserializeAttachment() as string | null;
      if (chunk !== undefined) await this.#core.append(chunk, masking ?? undefined);
      return;
    }
    const parsed = LogWriterMessage.safeParse(JSON.parse(message));
    if (!parsed.success) return;
    if (parsed.data.type === 'seal') await this.#core.seal();
    else await this.#core.finish(parsed.data.totalBytes);
  }

  async #onGone(socket: WebSocket): Promise<void> {
    this.#behind.delete(socket);
    if (this.ctx.getTags(socket).includes(WRITER)) await this.#core.seal();
    else this.#core.setPace();
  }

  #acceptWriter(isNew: boolean, masking: string | null): Response {
    for (const old of this.ctx.getWebSockets(WRITER)) old.close(1000, 'replaced');
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [WRITER]);
    server.serializeAttachment(masking);
    this.ctx.waitUntil(this.#core.writerJoined(isNew));
    return new Response(null, { status: 101, webSocket: client });
  }

  #acceptWatcher(after: number, by: string | null): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    acceptWatcher(this.ctx, server, WATCHER, by);
    this.ctx.waitUntil(this.#catchUp(server, after));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Until a watcher has had everything that came before, it is not sent what comes now: the replay ends with that. */
  async #catchUp(socket: WebSocket, after: number): Promise<void> {
    this.#behind.add(socket);
    await this.#core.open(false);
    this.#core.setPace();
    await this.#core.replay(
      after,
      (chunk) => {
        for (const piece of pieces(chunk)) toWatcher(socket, piece);
      },
      () => {
        this.#behind.delete(socket);
        if (this.#core.isComplete) toWatcher(socket, { type: 'end', totalBytes: this.#core.sealedTo });
      },
    );
  }

  async #read(after: number): Promise<Response> {
    await this.#core.open(false);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const copy = this.#core.replay(after, ({ bytes }) => writer.write(bytes));
    this.ctx.waitUntil(
      copy.then(
        () => writer.close(),
        (error: unknown) => writer.abort(error),
      ),
    );
    return new Response(readable, { headers: { 'x-millrace-log-complete': String(this.#core.isComplete) } });
  }
}

function toWatcher(socket: WebSocket, message: Chunk | LogWatcherMessage): void {
  sendToWatcher(socket, 'bytes' in message ? encodeChunk(message.offset, message.bytes) : JSON.stringify(message));
}

function* pieces({ offset, bytes }: Chunk): Generator<Chunk> {
  for (let at = 0; at < bytes.byteLength; at += FRAME_BYTES) {
    yield { offset: offset + at, bytes: bytes.subarray(at, at + FRAME_BYTES) };
  }
}
