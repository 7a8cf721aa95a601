import type { ApiClient } from '#lib/api/client.ts';
import type { Freeze, FreezePreview } from '#lib/api/contract.ts';
import { listFreezes, previewCalendar, removeFreeze } from './api.ts';

/** The freeze calendar of the tenant, and what it holds in the next thirty days. */
export class Freezes {
  readonly #api: ApiClient;
  #entries = $state.raw<readonly Freeze[] | undefined>(undefined);
  #preview = $state.raw<FreezePreview | undefined>(undefined);
  #error = $state.raw<unknown>(undefined);

  constructor(api: ApiClient) {
    this.#api = api;
  }

  get entries() {
    return this.#entries;
  }

  get preview() {
    return this.#preview;
  }

  get error(): unknown {
    return this.#error;
  }

  async load(): Promise<void> {
    this.#error = undefined;
    try {
      const [entries, preview] = await Promise.all([listFreezes(this.#api), previewCalendar(this.#api)]);
      // What lasts now first, then what comes next; what is over last.
      this.#entries = [...entries].sort((one, other) => beginning(one) - beginning(other));
      this.#preview = preview;
    } catch (error) {
      this.#error = error;
    }
  }

  async remove(id: string): Promise<void> {
    try {
      await removeFreeze(this.#api, id);
      await this.load();
    } catch (error) {
      this.#error = error;
    }
  }
}

function beginning({ next }: Freeze): number {
  return next === null ? Infinity : Date.parse(next.from);
}
