import { CloseCode } from '../../contract/close-codes.ts';
import { PING, PONG } from '../../contract/runner-protocol.ts';
import { systemClock } from '../kernel/clock.ts';

/** For so long a watcher is believed to be somebody who may watch; then it is sent through the door again. */
const WATCH_MS = 5 * 60_000;

export interface Watcher {
  /** Who watches, as the Worker names them. */
  readonly by: string | null;
  /** A topic is a feed of its own. */
  readonly topic?: string;
}

/**
 * The watchers of one object. Hibernating sockets: they cost nothing while nothing happens, survive eviction, and pings are
 * answered without waking anybody. What may be seen can change meanwhile: `disconnect` ends that at once where it reaches, and
 * age ends it everywhere, before anything more is said.
 */
export class LiveSockets<Message> {
  readonly #ctx: DurableObjectState;
  readonly #tag: string;

  constructor(ctx: DurableObjectState, tag: string) {
    this.#ctx = ctx;
    this.#tag = tag;
  }

  /** Upgrades the request; `first` is sent before anything else can be. */
  accept(first: readonly Message[], { by, topic }: Watcher): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    acceptWatcher(this.#ctx, server, this.#name(topic), by);
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    for (const message of first) server.send(JSON.stringify(message));
    return new Response(null, { status: 101, webSocket: client });
  }

  get isWatched(): boolean {
    return this.watches();
  }

  watches(topic?: string): boolean {
    return this.#ctx.getWebSockets(this.#name(topic)).length > 0;
  }

  broadcast(message: Message, topic?: string): void {
    const text = JSON.stringify(message);
    for (const socket of this.#ctx.getWebSockets(this.#name(topic))) sendToWatcher(socket, text);
  }

  close(code: number, reason: string, topic?: string): void {
    for (const socket of this.#ctx.getWebSockets(this.#name(topic))) socket.close(code, reason);
  }

  #name(topic: string | undefined): string {
    return topic === undefined ? this.#tag : `${this.#tag}:${topic}`;
  }
}

export function acceptWatcher(ctx: DurableObjectState, socket: WebSocket, tag: string, by: string | null): void {
  ctx.acceptWebSocket(socket, by === null ? [tag] : [tag, watcherTag(by)]);
  socket.serializeAttachment({ watchesUntil: systemClock.now() + WATCH_MS });
}

/** Everything that somebody watches here: they may come back, and are asked anew who they are. */
export function disconnectWatcher(ctx: DurableObjectState, by: string): void {
  for (const socket of ctx.getWebSockets(watcherTag(by))) askAgain(socket);
}

export function sendToWatcher(socket: WebSocket, message: string | ArrayBuffer | ArrayBufferView): void {
  if (isBelieved(socket)) send(socket, message);
  else askAgain(socket);
}

/** A socket that broke meanwhile is told so by its own close event; it must not keep the others from hearing. */
export function send(socket: WebSocket, message: string | ArrayBuffer | ArrayBufferView): void {
  try {
    socket.send(message);
  } catch {
    socket.close(1011, 'send failed');
  }
}

function isBelieved(socket: WebSocket): boolean {
  const { watchesUntil } = (socket.deserializeAttachment() ?? {}) as { readonly watchesUntil?: number };
  return watchesUntil !== undefined && watchesUntil > systemClock.now();
}

function askAgain(socket: WebSocket): void {
  socket.close(CloseCode.Moved, 'open it again');
}

function watcherTag(by: string): string {
  return `by:${by}`;
}
