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

  /** Upgrades the request; `first` is sent before anything else can be. */
  accept(first: readonly Message[]): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [this.#tag]);
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    for (const message of first) server.send(JSON.stringify(message));
    return new Response(null, { status: 101, webSocket: client });
  }

  get isWatched(): boolean {
    return this.#ctx.getWebSockets(this.#tag).length > 0;
  }

  broadcast(message: Message): void {
    const text = JSON.stringify(message);
    for (const socket of this.#ctx.getWebSockets(this.#tag)) send(socket, text);
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
