import type { Instant, PipelineId, TenantId } from '../../engine/ids.ts';
import type { Missing } from '../../engine/matching.ts';
import { omit } from '../../engine/omit.ts';
import type { SourceEvent } from '../../engine/source-event.ts';
import { isPassing, START_TRIED_FOR_MS } from '../../engine/start.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { Log } from '../../kernel/log.ts';
import { Courier } from '../courier.ts';
import { Alarm, type Durable, earliest, WATCHDOG_MS } from '../durable.ts';
import type { DeliveryVerdict, PipelineDelivery } from '../pipeline/deliveries.ts';
import {
  type BranchTip,
  type DeliveryBody,
  type HookRef,
  type HostAnswer,
  laneOf,
  type NewDelivery,
  type Outcome,
  type Received,
  refOf,
  type Route,
  type StoredDelivery,
  type StoredVerdict,
  type Target,
  type Unverified,
  type Verdict,
} from './inbox-orders.ts';
import type { InboxStore } from './inbox-store.ts';

/** So many wait to be offered to pipelines; a sender that brings more is asked to wait. */
const BACKLOG_MAX = 20_000;
const BUSY_SECONDS = 30;
/** In the courier's hands at once; the others wait in storage, in their order. */
const WINDOW = 64;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const RETRY_MS = { first: 5_000, max: 5 * MINUTE_MS };
/** How long a host is asked for what a filter wants to know, before it is decided without. */
const ASK_FOR_MS = 5 * MINUTE_MS;
const KEPT_MS = 30 * DAY_MS;
const KEPT_MAX = 10_000;
const FORGET_EVERY_MS = DAY_MS;
const FORGOTTEN_AT_ONCE = 500;
const FORGET_AFTER = 1_000;
/** How often branches are compared with what deliveries told of; seldom, when no pipeline names any. */
const COMPARE_MS = { watched: 60 * MINUTE_MS, unwatched: DAY_MS };
const UNVERIFIED_KEPT = 50;
const UNVERIFIED_PAUSE_MS = 1_000;

export interface InboxServices {
  readonly clock: Clock;
  readonly log: Log;
  /** Which pipelines watch where it happened. */
  readonly route: (tenant: TenantId, hook: HookRef, event: SourceEvent) => Promise<Route>;
  readonly deliver: (tenant: TenantId, pipeline: PipelineId, delivery: PipelineDelivery) => Promise<DeliveryVerdict>;
  /** Throws like a call of a Git host. */
  readonly ask: (
    tenant: TenantId,
    hook: HookRef,
    event: SourceEvent,
    what: readonly Missing[],
  ) => Promise<HostAnswer>;
  /** Where the branches stand that pipelines name; what the host could not deliver since then, it is asked to deliver again. */
  readonly tips: (tenant: TenantId, hook: HookRef, since: Instant) => Promise<readonly BranchTip[]>;
  readonly forgetPayloads: (tenant: TenantId, keys: readonly string[]) => Promise<void>;
}

export interface InboxParts extends InboxServices {
  readonly tenant: TenantId;
  readonly hook: string;
  readonly durable: Durable;
  readonly store: InboxStore;
  readonly armedAt: Instant | undefined;
  readonly later: (ms: number, callback: () => void) => void;
}

type Errand =
  | { readonly kind: 'Offer'; readonly seq: number }
  | { readonly kind: 'OfferAgain'; readonly verdict: StoredVerdict }
  | { readonly kind: 'Forget' }
  | { readonly kind: 'Compare' };

/** What came to one hook: kept before it is answered, offered to pipelines afterwards, those of one repository in their order. */
export class InboxCore {
  readonly #parts: InboxParts;
  readonly #alarm: Alarm;
  readonly #courier: Courier<Errand>;
  #backlog: number;
  #lastAt: Instant;
  #sinceForgotten = 0;
  #unverifiedAt = 0;

  constructor(parts: InboxParts) {
    this.#parts = parts;
    const { store, clock, log, durable } = parts;
    this.#alarm = new Alarm(durable, parts.armedAt);
    this.#backlog = store.countOpen();
    this.#lastAt = store.lastAt();
    this.#courier = new Courier<Errand>({
      durable,
      clock,
      later: parts.later,
      deliver: (_, errand) => this.#run(errand),
      onFailure: (_, errand, error, dueAt) => {
        log.error('delivery not offered', { tenant: parts.tenant, hook: parts.hook, ...about(errand) }, error);
        durable.transact(() => this.#alarm.arm(dueAt, clock.now()))();
      },
    });
  }

  receive(delivery: NewDelivery): Received {
    const { store } = this.#parts;
    const { id, bodyHash } = delivery;
    const isKnown = store.byId(id) ?? (bodyHash === undefined ? undefined : store.byHash(bodyHash));
    if (isKnown !== undefined) return { ok: true, isNew: false };
    if (this.#backlog >= BACKLOG_MAX) return { ok: false, retryAfterSeconds: BUSY_SECONDS };
    const { payload, nothing, ...body } = delivery;
    this.#insert(
      {
        ...body,
        ...(typeof payload === 'string' ? { payloadKey: payload } : {}),
        ...(nothing === undefined ? {} : { outcome: nothing }),
      },
      typeof payload === 'string' ? undefined : payload,
    );
    return { ok: true, isNew: true };
  }

  /** The same once more, as a delivery of its own. Undefined: there is no such delivery. */
  replay(id: string, by: string): string | undefined {
    const { store } = this.#parts;
    const known = store.byId(id);
    if (known === undefined) return undefined;
    const body = omit(known.body, 'outcome', 'payloadKey', 'bodyHash');
    const first = body.replayOf ?? id;
    const { outcome } = known.body;
    const replay: DeliveryBody = {
      ...body,
      id: `replay:${first}:${store.replays(first) + 1}`,
      replayOf: first,
      by,
      ...(body.events.length === 0 && outcome !== undefined ? { outcome } : {}),
    };
    this.#insert(replay, undefined);
    return replay.id;
  }

  /** Lets in what waits for it. False: nothing of it does. */
  approve(id: string, pipeline: string, by: string): boolean {
    const { store, durable, clock } = this.#parts;
    const delivery = store.byId(id);
    if (delivery === undefined) return false;
    const now = clock.now();
    const waiting = store
      .verdicts(delivery.seq)
      .filter(({ target, verdict }) => verdict.kind === 'Waiting' && target.pipeline === pipeline);
    if (waiting.length === 0) return false;
    const approved = waiting.map((one): StoredVerdict => ({ ...one, dueAt: now, approvedBy: by }));
    const commit = durable.transact(() => {
      for (const verdict of approved) store.putVerdict(verdict);
      return this.#alarm.arm(now + WATCHDOG_MS, now);
    });
    commit();
    this.#post();
    return true;
  }

  /** At most one a second is kept, so that a flood of them costs nothing. */
  refuse(unverified: Omit<Unverified, 'at'>): void {
    const { store, durable, clock } = this.#parts;
    const now = clock.now();
    if (now - this.#unverifiedAt < UNVERIFIED_PAUSE_MS) return;
    this.#unverifiedAt = now;
    durable.transact(() => store.putUnverified({ at: now, ...unverified }, UNVERIFIED_KEPT));
  }

  /** From now on, branches are compared now and then with what came. */
  watch(hook: HookRef): void {
    const { store, durable, clock } = this.#parts;
    const now = clock.now();
    const commit = durable.transact(() => {
      store.put('hook', hook);
      store.put('compareAt', now + COMPARE_MS.watched);
      return this.#alarm.arm(now + COMPARE_MS.watched, now);
    });
    commit();
  }

  /** Its hook is gone. */
  async forget(): Promise<void> {
    const { store, durable, clock, tenant, forgetPayloads } = this.#parts;
    for (let more = store.isBorn; more;) {
      const doomed = store.doomed(Number.MAX_SAFE_INTEGER, 0, FORGOTTEN_AT_ONCE);
      await forgetPayloads(tenant, payloadKeys(doomed));
      durable.transact(() => doomed.forEach(({ seq }) => store.remove(seq)));
      more = doomed.length === FORGOTTEN_AT_ONCE;
    }
    durable.transact(() => store.clear());
    this.#backlog = 0;
    for (const key of this.#courier.keys()) this.#courier.drop(key);
    this.#alarm.settle(undefined, clock.now());
  }

  /** Says again whatever may have been lost; the sweeper's way in. */
  poke(): void {
    this.#post();
    this.#alarm.settle(earliest(this.#courier.nextDueAt(), this.#nextAt()), this.#parts.clock.now());
  }

  ring(): void {
    const { clock, log, tenant, hook } = this.#parts;
    this.#alarm.ring(
      () => {
        this.#post();
        this.#alarm.settle(earliest(this.#courier.nextDueAt(), this.#nextAt()), clock.now());
      },
      () => clock.now(),
      (error) => log.error('alarm failed', { tenant, hook }, error),
    );
  }

  settled(): Promise<void> {
    return this.#courier.settled();
  }

  get backlog(): number {
    return this.#backlog;
  }

  #insert(body: DeliveryBody, payload: Uint8Array<ArrayBuffer> | undefined): void {
    const { store, durable, clock } = this.#parts;
    const now = clock.now();
    // Never before the one that came before: lists go by it.
    const at = Math.max(now, this.#lastAt);
    const commit = durable.transact(() => {
      const isFirst = !store.isBorn;
      store.insert(at, body, payload);
      const due = body.outcome === undefined ? now + WATCHDOG_MS : undefined;
      return this.#alarm.arm(earliest(due, isFirst ? now + FORGET_EVERY_MS : undefined), now);
    });
    commit();
    this.#lastAt = at;
    this.#sinceForgotten += 1;
    if (body.outcome === undefined) this.#backlog += 1;
    this.#post();
  }

  #post(): void {
    const { store, clock } = this.#parts;
    if (this.#backlog > 0 && this.#courier.keys().length < WINDOW) {
      for (const { seq, body } of store.open(WINDOW)) {
        this.#courier.put(`d:${seq}`, { kind: 'Offer', seq }, { lane: `repository:${laneOf(body)}` });
      }
    }
    for (const verdict of store.due()) {
      const key = `v:${verdict.seq}:${verdict.event}:${verdict.target.pipeline}`;
      const notBefore = verdict.dueAt ?? clock.now();
      this.#courier.put(key, { kind: 'OfferAgain', verdict }, { lane: key, notBefore });
    }
    if (this.#sinceForgotten >= FORGET_AFTER || clock.now() >= this.#forgetAt()) {
      this.#courier.put('forget', { kind: 'Forget' }, { lane: 'forget' });
    }
    if (clock.now() >= this.#compareAt()) {
      this.#courier.put('compare', { kind: 'Compare' }, { lane: 'compare' });
    }
    this.#courier.kick();
  }

  #run(errand: Errand): Promise<void> {
    switch (errand.kind) {
      case 'Offer':
        return this.#offer(errand.seq);
      case 'OfferAgain':
        return this.#offerAgain(errand.verdict);
      case 'Forget':
        return this.#forgetOld();
      case 'Compare':
        return this.#compare();
    }
  }

  async #offer(seq: number): Promise<void> {
    const { store, clock, tenant, route } = this.#parts;
    const delivery = store.bySeq(seq);
    if (delivery?.isOpen !== true) {
      this.#backlog = store.countOpen();
      return;
    }
    const { hook, events } = delivery.body;
    const known = store.verdicts(seq);
    const fresh: StoredVerdict[] = [];
    let outcome: Outcome | undefined;
    try {
      for (const [index, event] of events.entries()) {
        const routed = await route(tenant, hook, event);
        if (routed.kind !== 'Pipelines') {
          outcome = routed;
          continue;
        }
        const targets = routed.targets.filter(
          ({ pipeline }) => !known.some((one) => one.event === index && one.target.pipeline === pipeline),
        );
        const ask = this.#asker(delivery, event);
        const verdicts = await Promise.allSettled(
          targets.map((target) => this.#verdict(delivery, { event: index, target, tries: 0 }, ask)),
        );
        for (const one of verdicts) if (one.status === 'fulfilled') fresh.push(one.value);
        const failed = verdicts.find((one) => one.status === 'rejected');
        if (failed !== undefined) throw failed.reason;
      }
    } catch (error) {
      if (clock.now() - delivery.at < START_TRIED_FOR_MS) {
        this.#keep(fresh);
        throw error;
      }
      outcome = { kind: 'Failed', reason: 'It could not be offered to the pipelines for an hour.' };
    }
    const hasVerdicts = known.length > 0 || fresh.length > 0;
    this.#keep(fresh, () => store.close(seq, hasVerdicts && outcome?.kind !== 'Failed' ? undefined : outcome));
    this.#backlog -= 1;
    queueMicrotask(() => this.#post());
  }

  async #offerAgain({ seq, event: index, target }: StoredVerdict): Promise<void> {
    const { store } = this.#parts;
    const known = store.verdict(seq, index, target.pipeline);
    const delivery = store.bySeq(seq);
    const event = delivery?.body.events[index];
    if (known?.dueAt === undefined || delivery === undefined || event === undefined) return;
    const { verdict, approvedBy } = known;
    const tries = verdict.kind === 'Retrying' ? verdict.tries : 0;
    const order = { event: index, target, tries, ...(approvedBy === undefined ? {} : { approvedBy }) };
    this.#keep([await this.#verdict(delivery, order, this.#asker(delivery, event))]);
    queueMicrotask(() => this.#post());
  }

  async #verdict(
    delivery: StoredDelivery,
    { event: index, target, tries, approvedBy }: VerdictOrder,
    ask: (what: readonly Missing[]) => Promise<HostAnswer>,
  ): Promise<StoredVerdict> {
    const { tenant, hook: hookId, clock, deliver, store } = this.#parts;
    const { seq, body } = delivery;
    const event = body.events[index];
    if (event === undefined) throw new Error(`delivery ${body.id} has no event ${index}`);
    let order: PipelineDelivery = {
      key: `${hookId}\n${body.id}\n${index}`,
      event,
      watched: target.watched,
      hook: body.hook.name,
      sender: body.hook.kind,
      ...(approvedBy === undefined ? {} : { isApproved: true }),
    };
    let answer = await deliver(tenant, target.pipeline, order);
    // What is asked for is never asked for again: there are two things that can be.
    for (let round = 0; answer.kind === 'Needs' && round < 2; round += 1) {
      order = { ...order, ...(await ask(answer.what)) };
      answer = await deliver(tenant, target.pipeline, order);
    }
    const now = clock.now();
    const stored = (verdict: Verdict, dueAt?: Instant): StoredVerdict => ({
      seq,
      event: index,
      target,
      ref: refOf(event),
      at: now,
      verdict,
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(approvedBy === undefined ? {} : { approvedBy }),
    });
    switch (answer.kind) {
      case 'Started': {
        const { execution, number, notes } = answer;
        return stored({ kind: 'Started', execution, number, notes });
      }
      case 'Filtered':
        return stored({ kind: 'Filtered', reasons: answer.reasons });
      case 'NeedsApproval':
        return stored({ kind: 'Waiting', reason: answer.reason });
      case 'Needs':
        return stored({ kind: 'Refused', code: 'host_unavailable', message: 'The host did not say what was asked.' });
      case 'Refused': {
        const { code, message } = answer;
        const pauseMs = Math.min(RETRY_MS.first * 2 ** tries, RETRY_MS.max);
        const dueAt = now + Math.max(pauseMs, (answer.retryAfterSeconds ?? 0) * 1000);
        if (!isPassing(code) || dueAt > delivery.at + START_TRIED_FOR_MS) {
          return stored({ kind: 'Refused', code, message });
        }
        const retrying = stored({ kind: 'Retrying', code, message, tries: tries + 1 }, dueAt);
        const newer = answer.isSuperseding ? store.newer(retrying) : undefined;
        return newer === undefined ? retrying : stored({ kind: 'Superseded', by: newer.body.id });
      }
    }
  }

  /** Asks the host once for each thing. What it does not say in time is decided without: rather run than miss something. */
  #asker(delivery: StoredDelivery, event: SourceEvent): (what: readonly Missing[]) => Promise<HostAnswer> {
    const { tenant, clock, ask, log } = this.#parts;
    const asked = new Map<string, Promise<HostAnswer>>();
    const askFor = async (what: readonly Missing[]): Promise<HostAnswer> => {
      try {
        return await ask(tenant, delivery.body.hook, event, what);
      } catch (error) {
        const isFinal = error instanceof PermanentFailure || clock.now() - delivery.at > ASK_FOR_MS;
        if (!isFinal) throw error;
        log.error('host did not say', { tenant, hook: delivery.body.hook.id, delivery: delivery.body.id }, error);
        return {
          ...(what.includes('files') ? { files: { paths: [], isComplete: false } } : {}),
          ...(what.includes('defaultBranch') ? { defaultBranch: null } : {}),
        };
      }
    };
    return (what) => {
      const key = what.join();
      const answer = asked.get(key) ?? askFor(what);
      asked.set(key, answer);
      return answer;
    };
  }

  #keep(verdicts: readonly StoredVerdict[], also: () => void = () => undefined): void {
    const { store, durable, clock } = this.#parts;
    const commit = durable.transact(() => {
      for (const verdict of verdicts) store.putVerdict(verdict);
      also();
      return this.#alarm.arm(earliest(...verdicts.map(({ dueAt }) => dueAt)), clock.now());
    });
    commit();
  }

  /** Bytes first, so that a crash between leaves rows that say where they are. */
  async #forgetOld(): Promise<void> {
    const { store, durable, clock, tenant, forgetPayloads } = this.#parts;
    this.#sinceForgotten = 0;
    const now = clock.now();
    const doomed = store.doomed(now - KEPT_MS, KEPT_MAX, FORGOTTEN_AT_ONCE);
    await forgetPayloads(tenant, payloadKeys(doomed));
    const isDone = doomed.length < FORGOTTEN_AT_ONCE;
    durable.transact(() => {
      for (const { seq } of doomed) store.remove(seq);
      if (isDone) store.put('forgottenAt', now);
    });
    if (!isDone) this.#sinceForgotten = FORGET_AFTER;
    queueMicrotask(() => this.#post());
  }

  /**
   * Finds pushes that no delivery told of. What a branch pointed to when it was looked at first is where it begins; nothing of what
   * was there before starts anything.
   */
  async #compare(): Promise<void> {
    const { store, clock, log, tenant, tips } = this.#parts;
    const hook = store.get('hook') as HookRef | undefined;
    if (hook === undefined) return;
    const known = (store.get('tips') ?? {}) as Readonly<Record<string, string>>;
    const since = store.get('comparedAt');
    const startedAt = clock.now();
    const last = typeof since === 'number' ? since : startedAt - COMPARE_MS.watched;
    let found: readonly BranchTip[];
    try {
      found = await tips(tenant, hook, last);
    } catch (error) {
      // A host that is away for long must not keep anybody busy: the next time finds the same.
      log.error('branches not compared', { tenant, hook: hook.id }, error);
      this.#compareAgain(COMPARE_MS.watched, {});
      return;
    }
    const next: Record<string, string> = {};
    for (const { repository, branch, commit } of found) {
      const key = `${repository.toLowerCase()}\n${branch}`;
      next[key] = commit.id;
      const before = known[key];
      if (before === undefined || before === commit.id) continue;
      if (store.list({ commit: commit.id, repository }, undefined, 1).length > 0) continue;
      this.receive(missedPush(hook, { repository, branch, commit }, before));
    }
    const pauseMs = found.length === 0 ? COMPARE_MS.unwatched : COMPARE_MS.watched;
    this.#compareAgain(pauseMs, { tips: next, comparedAt: startedAt });
  }

  #compareAgain(pauseMs: number, learnt: Readonly<Record<string, unknown>>): void {
    const { store, durable, clock } = this.#parts;
    const at = clock.now() + pauseMs;
    const commit = durable.transact(() => {
      for (const [name, value] of Object.entries({ ...learnt, compareAt: at })) store.put(name, value);
      return this.#alarm.arm(at, clock.now());
    });
    commit();
  }

  #compareAt(): Instant {
    const at = this.#parts.store.get('compareAt');
    return typeof at === 'number' ? at : Number.POSITIVE_INFINITY;
  }

  #forgetAt(): Instant {
    const { store, clock } = this.#parts;
    // Once there is nothing left to forget, nothing wakes it any more.
    if (store.lastAt() === 0) return Number.POSITIVE_INFINITY;
    const last = store.get('forgottenAt');
    return typeof last === 'number' ? last + FORGET_EVERY_MS : clock.now() + FORGET_EVERY_MS;
  }

  /** When it wants to be awake although nothing is under way. */
  #nextAt(): Instant | undefined {
    const { store } = this.#parts;
    if (!store.isBorn) return undefined;
    const ats = [this.#forgetAt(), this.#compareAt()].filter((at) => Number.isFinite(at));
    return earliest(...store.due().map(({ dueAt }) => dueAt), ...ats);
  }
}

interface VerdictOrder {
  readonly event: number;
  readonly target: Target;
  readonly tries: number;
  readonly approvedBy?: string;
}

/** As the host would have told of it. Who it was, only the host knows. */
function missedPush(hook: HookRef, { repository, branch, commit }: BranchTip, before: string): NewDelivery {
  return {
    id: `reconcile:${repository}:${branch}:${commit.id}`,
    hook,
    name: 'push',
    events: [
      {
        kind: 'push',
        repository: { name: repository },
        ref: { kind: 'branch', name: branch },
        before,
        after: commit,
        actor: { name: 'found by comparison' },
      },
    ],
    headers: {},
    sizeBytes: 0,
    payload: undefined,
  };
}

function payloadKeys(deliveries: readonly StoredDelivery[]): readonly string[] {
  return deliveries.flatMap(({ body }) => body.payloadKey ?? []);
}

function about(errand: Errand) {
  return errand.kind === 'Offer' ? { seq: errand.seq } : { kind: errand.kind };
}
