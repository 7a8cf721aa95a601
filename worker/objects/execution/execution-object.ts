import { DurableObject } from 'cloudflare:workers';
import type { ExecutionLiveMessage } from '../../../contract/live-feed.ts';
import type { TenantId } from '../../engine/ids.ts';
import { viewChanges } from '../../engine/live.ts';
import type { ActionReport, ExecutionCommand, Rejection } from '../../engine/messages.ts';
import type { Origin } from '../../engine/model.ts';
import { type Position, positionOf } from '../../engine/position.ts';
import type { EffectRequest } from '../../engine/request.ts';
import { type RollbackTarget, rollbackTarget } from '../../engine/rollback.ts';
import { executionView } from '../../engine/view.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { LiveSockets } from '../live-sockets.ts';
import type { Grant } from '../peers.ts';
import { durableOf, later } from '../sql.ts';
import { eventViews } from './event-view.ts';
import { type CommittedTurn, ExecutionCore } from './execution-core.ts';
import { SqlTurnStore } from './sql-turn-store.ts';

export interface ExecutionServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly execute: (request: EffectRequest) => Promise<readonly ExecutionCommand[]>;
}

/** An execution as seen from outside: its view, and the number of the last event that it shows. */
export type SeenExecution = ReturnType<typeof executionView> & { readonly seq: number };

export interface Ordered {
  readonly rejection: Rejection | null;
  readonly execution: SeenExecution;
}

/** One execution. Only parses, calls the core and answers; `docs/protocol.md` says who calls what. */
export class ExecutionObject extends DurableObject {
  readonly #sockets: LiveSockets<ExecutionLiveMessage>;
  #core!: ExecutionCore;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env, services: ExecutionServices) {
    super(ctx, env);
    this.#sockets = new LiveSockets(ctx, 'live');
    void ctx.blockConcurrencyWhile(async () => {
      this.#core = new ExecutionCore({
        durable: durableOf(ctx.storage),
        store: new SqlTurnStore(ctx.storage.sql),
        armedAt: (await ctx.storage.getAlarm()) ?? undefined,
        later,
        onTurn: (turn) => this.#broadcast(turn),
        ...services,
      });
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

  /** What a rollback to this execution would deploy again. */
  target(tenant: TenantId): RollbackTarget | null {
    const { state } = this.#core;
    return state === undefined || state.tenant !== tenant ? null : rollbackTarget(state);
  }

  report(tenant: TenantId, report: ActionReport): void {
    if (this.#isOf(tenant)) this.#core.submit(report);
  }

  /** A person's order, or the pipeline's: answered with what became of it. */
  order(
    tenant: TenantId,
    command: ExecutionCommand,
  ): Ordered | null {
    if (!this.#isOf(tenant)) return null;
    const { rejection } = this.#core.submit(command);
    const execution = this.view(tenant);
    return execution === null ? null : { rejection: rejection ?? null, execution };
  }

  /** An order that only the pipeline can grant, since it brings an ended execution back: answered when it has. */
  async bringBack(tenant: TenantId, command: ExecutionCommand): Promise<Ordered | null> {
    if (!this.#isOf(tenant)) return null;
    const { rejection, state } = this.#core.submit(command);
    const refusal = state?.returning === undefined || rejection !== undefined ? undefined : await this.#core.returned();
    const execution = this.view(tenant);
    return execution === null ? null : { rejection: rejection ?? refusal ?? null, execution };
  }

  view(tenant: TenantId): SeenExecution | null {
    const { state, seq } = this.#core;
    if (state === undefined || state.tenant !== tenant) return null;
    this.#core.heal();
    return { ...executionView(state), seq };
  }

  events(tenant: TenantId, after: number, limit: number): ReturnType<typeof eventViews> | null {
    return this.#isOf(tenant) ? eventViews(this.#core.turnsAfter(after), after).slice(0, limit) : null;
  }

  /** The sweeper's way in: anything overdue happens, anything unsaid is said. */
  poke(): void {
    this.#core.heal();
  }

  override alarm(): void {
    this.#core.ring();
  }

  /** Only WebSocket upgrades come this way; the Worker has checked who asks, and for which tenant. */
  override fetch(request: Request): Response {
    const url = new URL(request.url);
    const { state, seq } = this.#core;
    if (state === undefined || state.tenant !== url.searchParams.get('tenant')) {
      return new Response(null, { status: 404 });
    }
    const after = Number(url.searchParams.get('after') ?? Number.NaN);
    if (!(after <= seq)) {
      return this.#sockets.accept([{ type: 'snapshot', seq, execution: executionView(state) }]);
    }
    const events = eventViews(this.#core.turnsAfter(after), after);
    return this.#sockets.accept([{ type: 'turn', seq, events, ...viewChanges(undefined, state) }]);
  }

  override webSocketMessage(): void {
    // Watchers only listen.
  }

  #isOf(tenant: TenantId): boolean {
    return this.#core.state?.tenant === tenant;
  }

  #broadcast({ seq, at, firstSeq, events, before, state }: CommittedTurn): void {
    if (!this.#sockets.isWatched) return;
    const views = eventViews([{ seq: firstSeq, at, events }]);
    this.#sockets.broadcast({ type: 'turn', seq, events: views, ...viewChanges(before, state) });
  }
}
