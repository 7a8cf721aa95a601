import type { ApiClient } from '#lib/api/client.ts';
import type { ExecutionLiveMessage, ExecutionView } from '#lib/api/contract.ts';
import type { LinkHealth } from '#lib/live/link-health.svelte.ts';
import { executionLivePath, getExecution } from './api.ts';
import { applyLiveMessage, type ExecutionFeed } from './execution-view.ts';
import { isLive, mayComeBack } from './standing.ts';

/** One execution, kept current until nothing can happen to it any more: read once over HTTP, then followed from that sequence. */
export class LiveExecution {
  readonly id: string;
  readonly #api: ApiClient;
  readonly #link: LinkHealth;
  readonly #onChange: (message: ExecutionLiveMessage | undefined) => void;
  #feed = $state.raw<ExecutionFeed | undefined>(undefined);
  #error = $state.raw<unknown>(undefined);
  #isStopped = false;
  #close: (() => void) | undefined;

  constructor(
    id: string,
    {
      api,
      link,
      onChange,
    }: {
      readonly api: ApiClient;
      readonly link: LinkHealth;
      /** Called after the view has changed, with the message that did it; without one after the first reading. */
      readonly onChange?: (message: ExecutionLiveMessage | undefined) => void;
    },
  ) {
    this.id = id;
    this.#api = api;
    this.#link = link;
    this.#onChange = onChange ?? (() => undefined);
  }

  get view(): ExecutionView | undefined {
    return this.#feed?.execution;
  }

  get seq(): number {
    return this.#feed?.seq ?? 0;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Returns the way to stop. */
  start(): () => void {
    void this.load();
    return () => {
      this.#isStopped = true;
      this.#close?.();
    };
  }

  async load(): Promise<void> {
    this.#error = undefined;
    try {
      const feed = await getExecution(this.#api, this.id);
      if (this.#isStopped) return;
      this.#feed = feed;
      this.#onChange(undefined);
      if (isOpen(feed.execution)) this.#follow();
    } catch (error) {
      this.#error = error;
    }
  }

  /** What an order was answered with. */
  take(feed: ExecutionFeed): void {
    if (!this.#isStopped) this.#take({ type: 'snapshot', ...feed });
  }

  #follow(): void {
    this.#close ??= this.#link.open({
      path: () => executionLivePath(this.id, this.#feed?.seq),
      onMessage: (data) => {
        if (typeof data === 'string') this.#take(JSON.parse(data) as ExecutionLiveMessage);
      },
    });
  }

  #take(message: ExecutionLiveMessage): void {
    const next = applyLiveMessage(this.#feed, message);
    if (next === undefined || next === this.#feed) return;
    this.#feed = next;
    this.#onChange(message);
    if (!isOpen(next.execution)) this.#close?.();
  }
}

/** A failed one may be retried by anybody, from anywhere. */
function isOpen({ status }: ExecutionView): boolean {
  return isLive(status) || mayComeBack(status);
}
