import { createContext } from 'svelte';
import type { ApiClient } from '#lib/api/client.ts';
import type { ExecutionSummary, PipelineSummary, TenantLiveMessage } from '#lib/api/contract.ts';
import type { LinkHealth } from '#lib/live/link-health.svelte.ts';
import { pipelinesPath, tenantLivePath } from './api.ts';
import { inMotion, upsertExecution, waitingForYou } from './home-view.ts';

const PAGES_MAX = 50;
const RELOAD_AFTER_MS = 300;

/** All pipelines of the tenant with their newest executions, kept current for as long as the app is open. */
export class Tenant {
  readonly #api: ApiClient;
  readonly #link: LinkHealth;
  readonly #listeners = new Set<(execution: ExecutionSummary) => void>();
  #isStopped = false;
  #reloadTimer: ReturnType<typeof setTimeout> | undefined;
  /** What arrives while a load is under way. */
  #early: ExecutionSummary[] | undefined;
  /** Counts the loads, so that only the newest one has a say. */
  #loads = 0;

  #pipelines = $state.raw<readonly PipelineSummary[] | undefined>(undefined);
  #error = $state.raw<unknown>(undefined);
  readonly #waiting = $derived(waitingForYou(this.#pipelines ?? []));
  readonly #inMotion = $derived(inMotion(this.#pipelines ?? []));

  constructor(api: ApiClient, link: LinkHealth) {
    this.#api = api;
    this.#link = link;
  }

  /** undefined until the first page has come. */
  get pipelines() {
    return this.#pipelines;
  }

  get error(): unknown {
    return this.#error;
  }

  get waiting() {
    return this.#waiting;
  }

  get inMotion() {
    return this.#inMotion;
  }

  /** Returns the way to stop. */
  start(): () => void {
    this.#isStopped = false;
    const close = this.#link.open({
      path: () => tenantLivePath,
      onMessage: (data) => this.#receive(data),
      // The feed has no sequence to resume from, so whatever was missed is asked for.
      onStatus: ({ state }) => {
        if (state === 'open') void this.load();
      },
    });
    void this.load();
    return () => {
      this.#isStopped = true;
      clearTimeout(this.#reloadTimer);
      close();
    };
  }

  /** Every change of an execution, for pages that show more than the newest. Returns the way to stop. */
  listen(listener: (execution: ExecutionSummary) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async load(): Promise<void> {
    this.#loads += 1;
    const load = this.#loads;
    const isObsolete = () => this.#isStopped || load !== this.#loads;
    const isFirst = this.#pipelines === undefined;
    const early: ExecutionSummary[] = [];
    this.#early = early;
    try {
      let loaded: readonly PipelineSummary[] = [];
      for await (const items of this.#api.pages<PipelineSummary>(pipelinesPath, PAGES_MAX)) {
        if (isObsolete()) return;
        loaded = [...loaded, ...items];
        if (isFirst) this.#pipelines = loaded;
      }
      // What arrived while the answer was on its way is newer than the answer.
      for (const execution of early) loaded = upsertExecution(loaded, execution) ?? loaded;
      this.#pipelines = loaded;
      this.#error = undefined;
    } catch (error) {
      if (!isObsolete()) this.#error = error;
    } finally {
      if (!isObsolete()) this.#early = undefined;
    }
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') return;
    const message = JSON.parse(data) as TenantLiveMessage;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a newer server may say more than this page knows
    if (message.type !== 'execution') return;
    this.#early?.push(message.execution);
    for (const listener of this.#listeners) listener(message.execution);
    const next = upsertExecution(this.#pipelines ?? [], message.execution);
    if (next !== undefined) this.#pipelines = next;
    else this.#reloadSoon();
  }

  #reloadSoon(): void {
    clearTimeout(this.#reloadTimer);
    this.#reloadTimer = setTimeout(() => void this.load(), RELOAD_AFTER_MS);
  }
}

export const [tenant, provideTenant] = createContext<Tenant>();
