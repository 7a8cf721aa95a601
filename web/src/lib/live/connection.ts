import { CloseCode } from '../../../../contract/close-codes.ts';
import { reconnectDelayMs } from './backoff.ts';

export interface SocketHandlers {
  readonly onOpen: () => void;
  readonly onMessage: (data: unknown) => void;
  readonly onClose: (code: number) => void;
}

/** `close` is silent: no handler runs after it. */
export interface Socket {
  send(data: string): void;
  close(): void;
}

/** What a connection needs of the browser; tests bring their own. */
export interface Surroundings {
  open(path: string, handlers: SocketHandlers): Socket;
  random(): number;
  now(): number;
  /** Calls the listener when the network or the tab comes back; returns the way to stop that. */
  onWake(listener: () => void): () => void;
}

export interface LiveConnectionOptions {
  /** Asked anew for every attempt, so that it can name the last sequence seen. */
  readonly path: () => string;
  readonly onMessage: (data: string | ArrayBuffer) => void;
  readonly onStatus: (status: LiveStatus) => void;
  /**
   * The upgrade was refused. A WebSocket does not say why, so someone must ask over HTTP: `stop` when it is no use trying again.
   */
  readonly onRefused?: (() => Promise<'retry' | 'stop'>) | undefined;
}

export type LiveStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  | { readonly state: 'waiting'; readonly retryAt: number }
  | { readonly state: 'closed' };

export const PING_EVERY_MS = 25_000;
export const PONG_WITHIN_MS = 10_000;
/** A socket heard from this recently is believed when the tab comes back. */
const TRUST_MS = 40_000;

/** One socket that stays: it reconnects by itself until closed. Order of messages is kept; a resumed one may repeat some. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #surroundings: Surroundings;
  readonly #stopListening: () => void;
  #socket: Socket | undefined;
  #isOpen = false;
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pongTimer: ReturnType<typeof setTimeout> | undefined;
  #answersPings = false;
  #heardAt = 0;
  #isClosed = false;

  constructor(options: LiveConnectionOptions, surroundings: Surroundings = browserSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#stopListening = surroundings.onWake(() => this.#wake());
    this.#connect();
  }

  /** Try now instead of waiting for the backoff. */
  retryNow(): void {
    if (this.#retryTimer !== undefined) this.#connect();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopListening();
    this.#drop();
    this.#options.onStatus({ state: 'closed' });
  }

  #connect(): void {
    this.#drop();
    this.#options.onStatus({ state: 'connecting' });
    this.#socket = this.#surroundings.open(this.#options.path(), {
      onOpen: () => this.#opened(),
      onMessage: (data) => this.#receive(data),
      onClose: (code) => this.#closed(code),
    });
  }

  #opened(): void {
    this.#isOpen = true;
    this.#failures = 0;
    this.#heardAt = this.#surroundings.now();
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
    this.#options.onStatus({ state: 'open' });
  }

  #receive(data: unknown): void {
    this.#heardAt = this.#surroundings.now();
    if (data === 'pong') {
      this.#answersPings = true;
      clearTimeout(this.#pongTimer);
      this.#pongTimer = undefined;
    } else if (typeof data === 'string' || data instanceof ArrayBuffer) {
      this.#options.onMessage(data);
    }
  }

  /** A socket may look open long after its network has gone; asking is the only way to know. */
  #ping(): void {
    this.#socket?.send('ping');
    // A server that never answered one may not know them: its silence means nothing.
    if (this.#answersPings && this.#pongTimer === undefined) {
      this.#pongTimer = setTimeout(() => void this.#lost(), PONG_WITHIN_MS);
    }
  }

  #closed(code: number): void {
    if (code === CloseCode.Moved) this.#connect();
    else void this.#lost();
  }

  async #lost(): Promise<void> {
    const wasRefused = !this.#isOpen;
    this.#drop();
    this.#failures += 1;
    const delayMs = reconnectDelayMs(this.#failures, this.#surroundings.random());
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
    this.#options.onStatus({ state: 'waiting', retryAt: this.#surroundings.now() + delayMs });
    if (wasRefused && (await this.#options.onRefused?.()) === 'stop') this.close();
  }

  #wake(): void {
    const isWaiting = this.#retryTimer !== undefined;
    const isDoubtful = this.#isOpen && this.#surroundings.now() - this.#heardAt > TRUST_MS;
    if (!isWaiting && !isDoubtful) return;
    this.#failures = 0;
    this.#connect();
  }

  #drop(): void {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#retryTimer = this.#pingTimer = this.#pongTimer = undefined;
    this.#isOpen = false;
    this.#socket?.close();
    this.#socket = undefined;
  }
}

const browserSurroundings: Surroundings = {
  open(path, handlers) {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path);
    socket.binaryType = 'arraybuffer';
    socket.onopen = handlers.onOpen;
    socket.onmessage = ({ data }) => handlers.onMessage(data);
    socket.onclose = ({ code }) => handlers.onClose(code);
    return {
      send: (data) => socket.send(data),
      close() {
        socket.onopen = socket.onmessage = socket.onclose = null;
        // Closed while it connects, a socket complains in the console about nothing.
        if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
        else socket.close();
      },
    };
  },
  random: () => Math.random(),
  now: () => Date.now(),
  onWake(listener) {
    const whenVisible = () => {
      if (document.visibilityState === 'visible') listener();
    };
    addEventListener('online', listener);
    document.addEventListener('visibilitychange', whenVisible);
    return () => {
      removeEventListener('online', listener);
      document.removeEventListener('visibilitychange', whenVisible);
    };
  },
};
