import { WebSocket } from 'ws';
import {
  CLOSE_NOT_YOURS,
  CLOSE_REPLACED,
  CLOSE_UNSUPPORTED,
  PING,
  PING_EVERY_MS,
  PONG,
  PoolMessage,
  type RunnerMessage,
} from '../../../contract/runner-protocol.ts';
import type { Client } from '../client/client.ts';
import { Backoff } from './backoff.ts';

/** Two pings without an answer: nobody is there, whatever the socket says. */
const SILENT_MS = 2 * PING_EVERY_MS + 5_000;

export interface PoolConnectionParts {
  readonly client: Client;
  readonly pool: string;
  /** Said first on every new connection. */
  readonly hello: () => Promise<RunnerMessage>;
  readonly onMessage: (message: PoolMessage) => void;
  readonly onConnected: () => void;
  /** The server will not have us: trying again is useless. */
  readonly onRefused: (reason: string) => void;
  readonly log: (line: string) => void;
}

/** The runner's socket to its pool, made again for as long as the runner lives. */
export class PoolConnection {
  readonly #parts: PoolConnectionParts;
  readonly #backoff = new Backoff(500, 64_000);
  #socket: WebSocket | undefined;
  #isReady = false;
  #isClosed = false;
  #wasLost = false;

  constructor(parts: PoolConnectionParts) {
    this.#parts = parts;
  }

  open(): void {
    if (this.#isClosed) return;
    const { client, pool } = this.#parts;
    const { address, headers } = client.socket(`/runners/connect?pool=${encodeURIComponent(pool)}`);
    const socket = new WebSocket(address, { headers, perMessageDeflate: false, handshakeTimeout: 10_000 });
    this.#socket = socket;
    let heardAt = Date.now();
    const pinging = setInterval(() => {
      if (Date.now() - heardAt > SILENT_MS) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) socket.send(PING);
    }, PING_EVERY_MS);
    socket.on('open', () => void this.#sayHello(socket));
    socket.on('message', (data) => {
      heardAt = Date.now();
      // Text frames arrive as one Buffer each; `ws` splits nothing.
      const text = (data as Buffer).toString('utf8');
      if (text !== PONG) this.#hear(text);
    });
    socket.on('unexpected-response', (_, response) => {
      if (response.statusCode === 401 || response.statusCode === 403) {
        this.close();
        this.#parts.onRefused(
          'The server does not take this token. Use a token of kind "runner" that has not expired.',
        );
      }
      socket.terminate();
    });
    socket.on('error', () => undefined); // followed by close
    socket.on('close', (code, reason) => {
      clearInterval(pinging);
      this.#isReady = false;
      this.#onClose(code, reason.toString());
    });
  }

  /** False: not connected now. Whoever wants it said says it again when `onConnected` is called. */
  say(message: RunnerMessage): boolean {
    if (!this.#isReady || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close(1000, 'bye');
  }

  async #sayHello(socket: WebSocket): Promise<void> {
    const hello = await this.#parts.hello();
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(hello));
  }

  #hear(text: string): void {
    const parsed = PoolMessage.safeParse(JSON.parse(text));
    // A newer server may say more than this runner understands.
    if (!parsed.success) return;
    if (parsed.data.type === 'welcome') {
      this.#isReady = true;
      this.#backoff.reset();
      this.#parts.log(this.#wasLost ? 'Connected again.' : 'Connected.');
      this.#wasLost = false;
      this.#parts.onConnected();
      return;
    }
    this.#parts.onMessage(parsed.data);
  }

  #onClose(code: number, reason: string): void {
    if (this.#isClosed) return;
    if (code === CLOSE_NOT_YOURS) {
      this.#isClosed = true;
      this.#parts.onRefused('The token is for another runner. Register this one by itself.');
      return;
    }
    if (code === CLOSE_REPLACED || code === CLOSE_UNSUPPORTED) {
      this.#isClosed = true;
      this.#parts.onRefused(
        code === CLOSE_REPLACED
          ? 'Another runner has connected with the same identity. Give each its own --state folder.'
          : `The server does not speak this runner's protocol: ${reason}`,
      );
      return;
    }
    if (!this.#wasLost) this.#parts.log('Connection lost; jobs go on, connecting again.');
    this.#wasLost = true;
    setTimeout(() => this.open(), this.#backoff.next());
  }
}
