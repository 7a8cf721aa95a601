import type { ApiClient } from '#lib/api/client.ts';
import type { ExecutionEvent, ExecutionLiveMessage, ExecutionView } from '#lib/api/contract.ts';
import type { LinkHealth } from '#lib/live/link-health.svelte.ts';
import type { Announcer } from '#lib/shell/announcer.svelte.ts';
import { listEvents } from './api.ts';
import { eventsOf, mergeEvents } from './events-view.ts';
import {
  attentionOf,
  awaitedAnswers,
  findAction,
  findCondition,
  landingRef,
  type ActionRef,
  type ExecutionFeed,
  type PlacedAction,
  type PlacedCondition,
} from './execution-view.ts';
import { LiveExecution } from './execution.svelte.ts';
import type { Selection } from './selection.ts';
import { executionViewStanding, isLive, type Standing } from './standing.ts';

/** What the page of one execution shows: its view, its events, and which action a visitor lands on. */
export class ExecutionPage {
  readonly #id: string;
  readonly #api: ApiClient;
  readonly #announcer: Announcer;
  readonly #live: LiveExecution;
  #events = $state.raw<readonly ExecutionEvent[] | undefined>(undefined);
  /** Kept from one change to the next, so that the panel does not jump to another action while it is being read. */
  #landed = $state.raw<ActionRef | undefined>(undefined);
  #announced = '';

  constructor(
    id: string,
    { api, link, announcer }: { readonly api: ApiClient; readonly link: LinkHealth; readonly announcer: Announcer },
  ) {
    this.#id = id;
    this.#api = api;
    this.#announcer = announcer;
    this.#live = new LiveExecution(id, { api, link, onChange: (message) => this.#changed(message) });
  }

  get view(): ExecutionView | undefined {
    return this.#live.view;
  }

  get error(): unknown {
    return this.#live.error;
  }

  get events(): readonly ExecutionEvent[] | undefined {
    return this.#events;
  }

  get standing(): Standing | undefined {
    const { view } = this;
    return view && executionViewStanding(view, attentionOf(view));
  }

  get isLive(): boolean {
    return this.view !== undefined && isLive(this.view.status);
  }

  get awaited(): readonly PlacedAction[] {
    return this.view === undefined ? [] : awaitedAnswers(this.view);
  }

  /** The action in the panel: the one that the address names, else the one that was landed on. */
  shown({ action }: Pick<Selection, 'action'>): PlacedAction | undefined {
    if (this.view === undefined || action === null) return undefined;
    return findAction(this.view, action ?? this.#landed);
  }

  /** The condition in the panel, when it is not an action. */
  shownCondition({ action }: Pick<Selection, 'action'>): PlacedCondition | undefined {
    if (this.view === undefined || action === null) return undefined;
    return findCondition(this.view, action ?? this.#landed);
  }

  /** What an order was answered with, which is newer than what has been seen. */
  take(feed: ExecutionFeed): void {
    this.#live.take(feed);
  }

  /** Returns the way to stop. */
  start(): () => void {
    const stop = this.#live.start();
    void this.#loadEvents();
    return stop;
  }

  load(): Promise<void> {
    return this.#live.load();
  }

  async #loadEvents(): Promise<void> {
    const after = this.#events?.at(-1)?.seq ?? 0;
    // The page is complete without its events; they are asked for again with the next snapshot.
    const loaded = await listEvents(this.#api, this.#id, after).catch(() => undefined);
    if (loaded !== undefined) this.#events = mergeEvents(this.#events ?? [], loaded);
  }

  #changed(message: ExecutionLiveMessage | undefined): void {
    if (this.view !== undefined) this.#land(this.view);
    if (message === undefined) return;
    if (message.type === 'snapshot') void this.#loadEvents();
    else this.#events = this.#events && mergeEvents(this.#events, eventsOf(message));
    this.#announce();
  }

  /** Lands once; again only when the execution fails, because then the failure is what everyone wants to see. */
  #land(view: ExecutionView): void {
    const landing = landingRef(view);
    if (landing === undefined) return;
    const current = findAction(view, this.#landed);
    const isDone = current?.action.status !== 'InProgress';
    if (current === undefined || (isDone && (view.status === 'Failed' || isLive(view.status)))) {
      this.#landed = landing;
    }
  }

  #announce(): void {
    const { view, standing } = this;
    if (view === undefined || standing === undefined) return;
    const stage = view.stages.findLast(({ status }) => status !== null)?.name;
    const text = `${view.pipeline} number ${view.number}: ${standing.word}${isLive(view.status) && stage !== undefined ? `, stage ${stage}` : ''}`;
    if (text !== this.#announced) this.#announcer.say(text);
    this.#announced = text;
  }
}
