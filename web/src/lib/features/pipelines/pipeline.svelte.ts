import { SvelteMap } from 'svelte/reactivity';
import type { ApiClient } from '#lib/api/client.ts';
import type { ExecutionSummary, PipelineLiveMessage, PipelineState } from '#lib/api/contract.ts';
import { LiveExecution } from '#lib/features/executions/execution.svelte.ts';
import type { LinkHealth } from '#lib/live/link-health.svelte.ts';
import { getPipelineState, listExecutions, pipelineLivePath } from './api.ts';
import { followedIds } from './board-view.ts';
import { upsertRecent } from './home-view.ts';

const PAGE = 30;
/** A board with more than this inside shows the rest without their actions. */
const FOLLOWED_MAX = 5;

/** The board of one pipeline and the list of its executions. */
export class PipelineBoard {
  readonly name: string;
  readonly #api: ApiClient;
  readonly #link: LinkHealth;
  readonly #followed = new SvelteMap<string, { readonly execution: LiveExecution; readonly stop: () => void }>();
  #isStopped = false;
  #close: (() => void) | undefined;

  #state = $state.raw<PipelineState | undefined>(undefined);
  #executions = $state.raw<readonly ExecutionSummary[] | undefined>(undefined);
  #nextCursor = $state<string | null>(null);
  #isLoadingMore = $state(false);
  #error = $state.raw<unknown>(undefined);

  constructor(name: string, api: ApiClient, link: LinkHealth) {
    this.name = name;
    this.#api = api;
    this.#link = link;
  }

  get state() {
    return this.#state;
  }

  get executions() {
    return this.#executions;
  }

  get hasMore(): boolean {
    return this.#nextCursor !== null;
  }

  get isLoadingMore(): boolean {
    return this.#isLoadingMore;
  }

  get error(): unknown {
    return this.#error;
  }

  /** The live view of an execution on the board, if it is one of those followed. */
  followed(id: string): LiveExecution | undefined {
    return this.#followed.get(id)?.execution;
  }

  /** Returns the way to stop. */
  start(): () => void {
    void this.load();
    return () => {
      this.#isStopped = true;
      this.#close?.();
      for (const { stop } of this.#followed.values()) stop();
    };
  }

  async load(): Promise<void> {
    this.#error = undefined;
    try {
      const [state, page] = await Promise.all([
        getPipelineState(this.#api, this.name),
        listExecutions(this.#api, this.name, { limit: PAGE }),
      ]);
      if (this.#isStopped) return;
      this.#executions = page.items;
      this.#nextCursor = page.nextCursor;
      this.#show(state);
      this.#follow();
    } catch (error) {
      this.#error = error;
    }
  }

  async loadMore(): Promise<void> {
    const cursor = this.#nextCursor;
    if (cursor === null || this.#isLoadingMore) return;
    this.#isLoadingMore = true;
    try {
      const page = await listExecutions(this.#api, this.name, { cursor, limit: PAGE });
      for (const execution of page.items) this.note(execution);
      this.#nextCursor = page.nextCursor;
    } catch (error) {
      this.#error = error;
    } finally {
      this.#isLoadingMore = false;
    }
  }

  /** One execution's newest line, from wherever it is known. */
  note(execution: ExecutionSummary): void {
    if (execution.pipeline !== this.name) return;
    this.#executions = upsertRecent(this.#executions ?? [], execution, Infinity);
  }

  #follow(): void {
    this.#close ??= this.#link.open({
      path: () => pipelineLivePath(this.name),
      onMessage: (data) => {
        if (typeof data === 'string') this.#show((JSON.parse(data) as PipelineLiveMessage).state);
      },
      onStatus: ({ state }) => {
        if (state === 'open') void this.#reloadNewest();
      },
    });
  }

  async #reloadNewest(): Promise<void> {
    // What changed while the connection was down is at the top of the list; a failure here shows as a lost connection.
    const page = await listExecutions(this.#api, this.name, { limit: PAGE }).catch(() => undefined);
    for (const execution of page?.items ?? []) this.note(execution);
  }

  #show(state: PipelineState): void {
    this.#state = state;
    const wanted = followedIds(state, FOLLOWED_MAX);
    for (const [id, { stop }] of this.#followed) {
      if (wanted.includes(id)) continue;
      stop();
      this.#followed.delete(id);
    }
    for (const id of wanted) {
      if (this.#followed.has(id)) continue;
      const execution = new LiveExecution(id, { api: this.#api, link: this.#link });
      this.#followed.set(id, { execution, stop: execution.start() });
    }
  }
}
