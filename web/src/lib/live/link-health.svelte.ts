import { createContext } from 'svelte';
import { LiveConnection, type LiveConnectionOptions, type LiveStatus } from './connection.ts';

/** A hiccup shorter than this is nobody's business. */
const SHOW_AFTER_MS = 1_500;

/** Opens every live connection of the page and knows whether they are all well. */
export class LinkHealth {
  readonly #onRefused: () => Promise<'retry' | 'stop'>;
  readonly #connections = new Set<LiveConnection>();
  readonly #states = new Map<symbol, LiveStatus['state']>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLost = $state(false);

  constructor(onRefused: () => Promise<'retry' | 'stop'>) {
    this.#onRefused = onRefused;
  }

  /** True once something has been down for long enough to say so. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Returns the way to close it. */
  open(options: Omit<LiveConnectionOptions, 'onStatus' | 'onRefused'> & Partial<LiveConnectionOptions>): () => void {
    const key = Symbol();
    const connection = new LiveConnection({
      onRefused: this.#onRefused,
      ...options,
      onStatus: (status) => {
        this.#note(key, status.state);
        options.onStatus?.(status);
      },
    });
    this.#connections.add(connection);
    return () => {
      this.#connections.delete(connection);
      connection.close();
    };
  }

  retryNow(): void {
    for (const connection of this.#connections) connection.retryNow();
  }

  #note(key: symbol, state: LiveStatus['state']): void {
    if (state === 'closed') this.#states.delete(key);
    else this.#states.set(key, state);
    const isWell = [...this.#states.values()].every((each) => each === 'open');
    if (isWell) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#isLost = false;
    } else {
      this.#timer ??= setTimeout(() => (this.#isLost = true), SHOW_AFTER_MS);
    }
  }
}

export const [linkHealth, provideLinkHealth] = createContext<LinkHealth>();
