import type { ApiClient } from '#lib/api/client.ts';
import type { ExecutionSummary, Page } from '#lib/api/contract.ts';
import { mergeHistory } from './history-view.ts';

export interface HistoryQuery {
  readonly cursor: string | undefined;
  readonly limit: number;
}

const PAGE = 50;

/** A filtered list that grows as it is read. A change of what is asked for makes a new one. */
export class History {
  readonly #ask: (query: HistoryQuery, api: ApiClient) => Promise<Page<ExecutionSummary>>;
  readonly #api: ApiClient;
  #executions = $state.raw<readonly ExecutionSummary[] | undefined>(undefined);
  #nextCursor = $state<string | null>(null);
  #isLoading = $state(false);
  #error = $state.raw<unknown>(undefined);

  constructor(api: ApiClient, ask: (query: HistoryQuery, api: ApiClient) => Promise<Page<ExecutionSummary>>) {
    this.#api = api;
    this.#ask = ask;
  }

  /** undefined until the first page has come. */
  get executions() {
    return this.#executions;
  }

  get hasMore(): boolean {
    return this.#nextCursor !== null;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  get error(): unknown {
    return this.#error;
  }

  /** The first page, or the next one. */
  async loadMore(): Promise<void> {
    const isFirst = this.#executions === undefined;
    if (this.#isLoading || (!isFirst && this.#nextCursor === null)) return;
    this.#isLoading = true;
    this.#error = undefined;
    try {
      const page = await this.#ask({ cursor: this.#nextCursor ?? undefined, limit: PAGE }, this.#api);
      this.#executions = mergeHistory(this.#executions ?? [], page.items);
      this.#nextCursor = page.nextCursor;
    } catch (error) {
      this.#error = error;
    } finally {
      this.#isLoading = false;
    }
  }

  /** One execution's newest line: only those that are shown already, because what is new may not fit the filter. */
  note(execution: ExecutionSummary): void {
    this.#executions = this.#executions?.map((known) => (known.id === execution.id ? execution : known));
  }
}
