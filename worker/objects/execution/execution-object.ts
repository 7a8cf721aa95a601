import { DurableObject } from 'cloudflare:workers';
import type { ExecutionLiveMessage } from '../../../contract/live-feed.ts';
import { attemptOrigin, type AttemptOrigin } from '../../engine/attempt-origin.ts';
import type { ActionKey, ExecutionId, Instant, TenantId } from '../../engine/ids.ts';
import { viewChanges } from '../../engine/live.ts';
import type { ActionReport, ExecutionCommand, Rejection } from '../../engine/messages.ts';
import type { ExecutionState, Origin } from '../../engine/model.ts';
import { type Position, positionOf } from '../../engine/position.ts';
import type { EffectRequest } from '../../engine/request.ts';
import { type RollbackTarget, rollbackTarget } from '../../engine/rollback.ts';
import { isTerminal } from '../../engine/stages.ts';
import { type ExecutionSummary, summarize } from '../../engine/summary.ts';
import { executionView } from '../../engine/view.ts';
import { type Part, type Why, whyOf } from '../../engine/why/part.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { disconnectWatcher, LiveSockets } from '../live-sockets.ts';
import { partsOfName } from '../names.ts';
import type { Grant } from '../peers.ts';
import { durableOf, later } from '../sql.ts';
import { archivedTurns, unpack } from './archive.ts';
import { eventViews } from './event-view.ts';
import { type CommittedTurn, ExecutionCore } from './execution-core.ts';
import { type Archives, Retirement } from './retirement.ts';
import { SqlTurnStore } from './sql-turn-store.ts';
import { load } from './turn-log.ts';
import type { Turn } from './turn-store.ts';

export interface ExecutionServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: (request: EffectRequest) => Promise<readonly ExecutionCommand[]>;
  readonly archives: Archives;
}

/** `archive`: look there too, if the object holds nothing. Whoever asks knows from the index that there is such an execution. */
export type Where = 'object' | 'archive';

/** An execution as seen from outside: its view, and the number of the last event that it shows. */
export type SeenExecution = ReturnType<typeof executionView> & { readonly seq: number };

export interface Ordered {
  readonly rejection: Rejection | null;
  readonly execution: SeenExecution;
}

/** What the index should know of an execution. */
export interface Standing {
  readonly summary: ExecutionSummary;
  /** The object itself has yet to tell the index. */
  readonly isOwed: boolean;
}

/** An execution to be read, from its own storage or from the archive. */
interface History {
  readonly state: ExecutionState;
  readonly seq: number;
  turnsAfter(seq: number): readonly Turn[];
}

/** One execution. Only parses, calls the core and answers; `docs/protocol.md` says who calls what. */
export class ExecutionObject extends DurableObject {
  readonly #services: ExecutionServices;
  readonly #sockets: LiveSockets<ExecutionLiveMessage>;
  readonly #retirement: Retirement;
  #core!: ExecutionCore;
  #archived: History | undefined;
  #retiring: Promise<void> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: ExecutionServices) {
    super(ctx, env);
    this.#services = services;
    this.#sockets = new LiveSockets(ctx, 'live');
    this.#retirement = new Retirement(services);
    void ctx.blockConcurrencyWhile(async () => {
      this.#wake((await ctx.storage.getAlarm()) ?? undefined);
    });
  }

  begin(origin: Origin, grant: Grant): void {
    this.#core.submit({ type: 'Begin', origin, ...grant });
  }

  /** Where it was when it took the grant in. */
  admit(tenant: TenantId, grant: Grant): Position | null {
    if (!this.#isOf(tenant)) return null;
    const { state } = this.#core.submit({ type: 'Admit', ...grant });
    return state === undefined ? null : positionOf(state);
  }

  /** Makes way for a newer execution, or not. */
  yield(tenant: TenantId): Position | null {
    if (!this.#isOf(tenant)) return null;
    const { state } = this.#core.submit({ type: 'Yield' });
    return state === undefined ? null : positionOf(state);
  }

  /** What a rollback to this execution would deploy again; archived or not. */
  async target(tenant: TenantId): Promise<RollbackTarget | null> {
    const history = await this.#history(tenant, 'archive');
    return history === undefined ? null : rollbackTarget(history.state);
  }

  report(tenant: TenantId, report: ActionReport): void {
    if (this.#isOf(tenant)) this.#core.submit(report);
  }

  /** A person's order, or the pipeline's: answered with what became of it. */
  order(tenant: TenantId, command: ExecutionCommand): Ordered | null {
    if (!this.#isOf(tenant)) return null;
    const { rejection } = this.#core.submit(command);
    return this.#ordered(rejection);
  }

  /** An order that only the pipeline can grant, since it brings an ended execution back: answered when it has. */
  async bringBack(tenant: TenantId, command: ExecutionCommand): Promise<Ordered | null> {
    if (!this.#isOf(tenant)) return null;
    const { rejection, state } = this.#core.submit(command);
    const refusal =
      state?.returning === undefined || rejection !== undefined ? undefined : await this.#core.returned();
    return this.#ordered(rejection ?? refusal);
  }

  async view(tenant: TenantId, where: Where = 'object'): Promise<SeenExecution | null> {
    const history = await this.#history(tenant, where);
    return history === undefined ? null : { ...executionView(history.state), seq: history.seq };
  }

  async events(
    tenant: TenantId,
    after: number,
    limit: number,
    where: Where = 'object',
  ): Promise<ReturnType<typeof eventViews> | null> {
    const history = await this.#history(tenant, where);
    return history === undefined ? null : eventViews(history.turnsAfter(after), after).slice(0, limit);
  }

  /** Who brought this attempt about. Null: it does not run. */
  attemptOrigin(tenant: TenantId, action: ActionKey, attempt: number): AttemptOrigin | null {
    const { state } = this.#core;
    return state?.tenant === tenant ? (attemptOrigin(state, action, attempt) ?? null) : null;
  }

  /** Why it, or a part of it, does not move. Null: it is not here, because it was never admitted or ended long ago. */
  async why(tenant: TenantId, part: Part): Promise<Why | null> {
    const history = await this.#history(tenant, 'object');
    return history === undefined ? null : whyOf(history.state, part);
  }

  /** For the sweeper and for reconciling; anything overdue happens, anything unsaid is said. */
  async standing(tenant: TenantId): Promise<Standing | null> {
    const history = await this.#history(tenant, 'archive');
    if (history === undefined) return null;
    return { summary: summarize(history.state, history.seq), isOwed: this.#core.owesSummary };
  }

  /** Brings an archived execution back into its object, to be given orders again. False: there is none. */
  async restore(tenant: TenantId): Promise<boolean> {
    const history = await this.#history(tenant, 'archive');
    if (history === undefined || this.#core.state !== undefined) return history !== undefined;
    const store = new SqlTurnStore(this.ctx.storage.sql);
    const alarmAt = this.#retirement.alarmAt(history.state);
    this.ctx.storage.transactionSync(() => {
      for (const turn of history.turnsAfter(0)) store.append(turn);
      if (alarmAt !== undefined) void this.ctx.storage.setAlarm(alarmAt);
    });
    this.#wake(alarmAt);
    return true;
  }

  /** Gives up everything, for good. False: it lives, and stays. */
  async forget(tenant: TenantId): Promise<boolean> {
    await this.#retiring;
    this.#archived = undefined;
    if (!this.#isOf(tenant)) return true;
    return this.#empty(() => this.#core.isAtRest);
  }

  override async alarm(): Promise<void> {
    this.#core.ring();
    this.#retiring = this.#retire().catch((error: unknown) => {
      // The alarm is set for the next attempt already; until then, the object has everything.
      this.#services.log.error('not archived', { execution: this.#core.state?.id }, error);
    });
    await this.#retiring;
  }

  /** Only WebSocket upgrades come this way; the Worker has checked who asks, and for which tenant. */
  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const where = searchParams.get('where') === 'archive' ? 'archive' : 'object';
    // Compared with the tenant of the execution itself before anything is shown.
    const history = await this.#history((searchParams.get('tenant') ?? '') as TenantId, where);
    if (history === undefined) return new Response(null, { status: 404 });
    const { state, seq } = history;
    const after = Number(searchParams.get('after') ?? Number.NaN);
    const by = searchParams.get('by');
    if (!(after <= seq)) {
      return this.#sockets.accept([{ type: 'snapshot', seq, execution: executionView(state) }], { by });
    }
    const events = eventViews(history.turnsAfter(after), after);
    return this.#sockets.accept([{ type: 'turn', seq, events, ...viewChanges(undefined, state) }], { by });
  }

  /** Closes what this person or token watches here. */
  disconnect(tenant: TenantId, by: string): void {
    if (this.#isOf(tenant)) disconnectWatcher(this.ctx, by);
  }

  override webSocketMessage(): void {
    // Watchers only listen.
  }

  #ordered(rejection: Rejection | undefined): Ordered | null {
    const { state, seq } = this.#core;
    if (state === undefined) return null;
    return { rejection: rejection ?? null, execution: { ...executionView(state), seq } };
  }

  #wake(armedAt: Instant | undefined): void {
    const { ctx } = this;
    this.#archived = undefined;
    this.#core = new ExecutionCore({
      durable: durableOf(ctx.storage),
      store: new SqlTurnStore(ctx.storage.sql),
      armedAt,
      later,
      onTurn: (turn) => this.#onTurn(turn),
      retireAt: (state) => this.#retirement.alarmAt(state),
      ...this.#services,
    });
  }

  /** Own storage first: an archive is older than whatever lies there. */
  async #history(tenant: TenantId, where: Where): Promise<History | undefined> {
    if (this.#core.state === undefined && where === 'archive') await this.#readArchive(tenant);
    const core = this.#core;
    core.heal();
    const { state, seq } = core;
    if (state === undefined) return where === 'archive' && this.#isArchivedOf(tenant) ? this.#archived : undefined;
    return state.tenant === tenant ? { state, seq, turnsAfter: (after) => core.turnsAfter(after) } : undefined;
  }

  async #readArchive(tenant: TenantId): Promise<void> {
    const own = partsOfName(this.ctx.id);
    if (own.tenant !== tenant || this.#archived !== undefined) return;
    const bytes = await this.#services.archives.get(tenant, own.id as ExecutionId);
    if (bytes === undefined) return;
    const store = archivedTurns(await unpack(bytes));
    const { state, seq } = load(store);
    if (state !== undefined) this.#archived = { state, seq, turnsAfter: (after) => store.after(after) };
  }

  async #retire(): Promise<void> {
    const core = this.#core;
    const { state, seq } = core;
    if (state === undefined || !core.isAtRest) return;
    if (await this.#retirement.learn(state.tenant)) core.awaitRetirement(true);
    if (!this.#retirement.isDue(state)) return;
    await this.#retirement.write(state, core.turnsAfter(0));
    await this.#empty(() => this.#core === core && core.seq === seq && core.isAtRest);
  }

  /** Nothing else runs meanwhile; should it fail, the object begins anew with what is stored. */
  #empty(mayBe: () => boolean): Promise<boolean> {
    return this.ctx.blockConcurrencyWhile(async () => {
      if (!mayBe()) return false;
      await this.ctx.storage.deleteAll();
      this.#wake(undefined);
      return true;
    });
  }

  #isOf(tenant: TenantId): boolean {
    return this.#core.state?.tenant === tenant;
  }

  #isArchivedOf(tenant: TenantId): boolean {
    return this.#archived?.state.tenant === tenant;
  }

  #onTurn(turn: CommittedTurn): void {
    const { state } = turn;
    if (isTerminal(state)) {
      void this.#retirement.learn(state.tenant).then((isNew) => isNew && this.#core.awaitRetirement(true));
    }
    this.#broadcast(turn);
  }

  #broadcast({ seq, at, firstSeq, events, before, state }: CommittedTurn): void {
    if (!this.#sockets.isWatched) return;
    const views = eventViews([{ seq: firstSeq, at, events }]);
    this.#sockets.broadcast({ type: 'turn', seq, events: views, ...viewChanges(before, state) });
  }
}
