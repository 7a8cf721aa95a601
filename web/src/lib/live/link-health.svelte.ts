import { createContext } from 'svelte';
import { LiveConnection, type LiveConnectionOptions, type LiveStatus } from './connection.ts';

/** A hiccup shorter than this is nobody's business. */
const SHOW_AFTER_MS = 1_500;

/** Opens every live connection of the page and knows whether they are all well. */
export class LinkHealth {
  readonly #onRefused: () => Promise<'retry' | 'stop'>;
  readonly #connections = new Map<LiveConnection, LiveStatus['state']>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLost = $state(false);

  constructor(onRefused: () => Promise<'retry' | 'stop'>) {
    this.#onRefused = onRefused;
  }

  /** True once something has been down for long enough to say so. */
  get isLost(): boolean {
    return this.#isLost;
  }

  open(options: Omit<LiveConnectionOptions, 'onStatus'> & Partial<Pick<LiveConnectionOptions, 'onStatus'>>): () => void {
    let connection: LiveConnection | undefined;
    let first: LiveStatus['state'] = 'connecting';
    connection = new LiveConnection({
      onRefused: this.#onRefused,
      ...options,
      onStatus: (status) => {
        first = status.state;
        if (connection !== undefined) this.#note(connection, status.state);
        options.onStatus?.(status);
      },
    });
    this.#note(connection, first);
    return () => connection.close();
  }

  retryNow(): void {
    for (const connection of this.#connections.keys()) connection.retryNow();
  }

  #note(connection: LiveConnection, state: LiveStatus['state']): void {
    if (state === 'closed') this.#connections.delete(connection);
    else this.#connections.set(connection, state);
    const isWell = [...this.#connections.values()].every((each) => each === 'open');
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
