import { PING, PONG } from '../../contract/runner-protocol.ts';

/**
 * The watchers of one object. Hibernating sockets: they cost nothing while nothing happens, survive eviction, and pings are
 * answered without waking anybody.
 */
export class LiveSockets<Message> {
  readonly #ctx: DurableObjectState;
  readonly #tag: string;

  constructor(ctx: DurableObjectState, tag: string) {
    this.#ctx = ctx;
    this.#tag = tag;
  }

  /** Upgrades the request; `first` is sent before anything else can be. A topic is a feed of its own. */
  accept(first: readonly Message[], topic?: string): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [this.#name(topic)]);
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
    for (const socket of this.#ctx.getWebSockets(this.#name(topic))) send(socket, text);
  }

  close(code: number, reason: string, topic?: string): void {
    for (const socket of this.#ctx.getWebSockets(this.#name(topic))) socket.close(code, reason);
  }

  #name(topic: string | undefined): string {
    return topic === undefined ? this.#tag : `${this.#tag}:${topic}`;
  }
}

/** A socket that broke meanwhile is told so by its own close event; it must not keep the others from hearing. */
export function send(socket: WebSocket, message: string | ArrayBuffer | ArrayBufferView): void {
  try {
    socket.send(message);
  } catch {
    socket.close(1011, 'send failed');
  }
}
