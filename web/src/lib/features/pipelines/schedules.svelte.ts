import type { ApiClient } from '#lib/api/client.ts';
import type { ScheduleView } from '#lib/api/contract.ts';
import { listSchedules } from './api.ts';

/** What starts a pipeline by the clock. */
export class Schedules {
  readonly #name: string;
  readonly #api: ApiClient;
  #items = $state.raw<readonly ScheduleView[]>([]);
  #error = $state.raw<unknown>(undefined);

  constructor(name: string, api: ApiClient) {
    this.#name = name;
    this.#api = api;
  }

  get items(): readonly ScheduleView[] {
    return this.#items;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Of all schedules the first firing that comes: what is shown is out of date after it. */
  get nextAt(): number {
    return Math.min(...this.#items.flatMap(({ next }) => next.slice(0, 1).map((at) => Date.parse(at))));
  }

  async load(): Promise<void> {
    this.#error = undefined;
    try {
      this.#items = await listSchedules(this.#api, this.#name);
    } catch (error) {
      this.#error = error;
    }
  }
}
