import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Runner } from '#lib/api/contract.ts';

const EVERY_MS = 5_000;
const PAGES_MAX = 10;

/** Runners have no feed of their own: they are asked for now and again, while somebody looks. */
export class Runners {
  readonly #api: ApiClient;
  #all = $state.raw<readonly Runner[] | undefined>(undefined);
  #error = $state.raw<unknown>(undefined);

  constructor(api: ApiClient) {
    this.#api = api;
  }

  get all() {
    return this.#all;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Returns the way to stop. */
  start(): () => void {
    const look = () => {
      if (document.visibilityState === 'visible') void this.load();
    };
    const timer = setInterval(look, EVERY_MS);
    document.addEventListener('visibilitychange', look);
    void this.load();
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  async load(): Promise<void> {
    try {
      let all: readonly Runner[] = [];
      for await (const items of this.#api.pages<Runner>(apiPath('runners'), PAGES_MAX)) all = [...all, ...items];
      this.#all = all;
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    }
  }
}
