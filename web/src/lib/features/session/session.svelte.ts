import { createContext } from 'svelte';
import type { ApiClient } from '#lib/api/client.ts';
import type { Me } from '#lib/api/contract.ts';
import { isUnauthenticated } from '#lib/api/failure.ts';
import { getMe, signOut } from './api.ts';

/** Who is looking. Pages below the gate are drawn only once this is known. */
export class Session {
  readonly #api: ApiClient;
  #me = $state.raw<Me | undefined>(undefined);
  #error = $state.raw<unknown>(undefined);

  constructor(api: ApiClient) {
    this.#api = api;
  }

  get me(): Me | undefined {
    return this.#me;
  }

  get error(): unknown {
    return this.#error;
  }

  async load(): Promise<void> {
    this.#error = undefined;
    try {
      this.#me = await getMe(this.#api);
    } catch (error) {
      // The client has already sent a 401 to the sign-in page.
      if (!isUnauthenticated(error)) this.#error = error;
    }
  }

  /** Whether the cookie still counts: what a refused WebSocket cannot say itself. */
  async probe(): Promise<'retry' | 'stop'> {
    try {
      await getMe(this.#api);
      return 'retry';
    } catch (error) {
      return isUnauthenticated(error) ? 'stop' : 'retry';
    }
  }

  async signOut(): Promise<void> {
    await signOut(this.#api);
    this.#me = undefined;
  }
}

export const [session, provideSession] = createContext<Session>();
