import { checkpointOf, signedText, type SignedCheckpoint } from '../../audit/checkpoint.ts';
import { type AuditDraft, type AuditEntry, bounded, chained, GENESIS } from '../../audit/entry.ts';
import { type AuditFilter, matches } from '../../audit/filter.ts';
import type { Instant } from '../../engine/ids.ts';
import type { Clock } from '../../kernel/clock.ts';
import { sha256 } from '../../kernel/crypto.ts';
import type { Log } from '../../kernel/log.ts';
import type { Signer } from '../../kernel/signing.ts';
import { Alarm, type Durable, earliest } from '../durable.ts';
import type { AuditStore, Segment } from './audit-store.ts';

export interface AuditServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly signer: () => Promise<Signer>;
  /** Resolves when the segment and its checkpoint lie where nobody overwrites them. */
  readonly seal: (tenant: string, first: number, lines: string, checkpoint: string) => Promise<void>;
}

export interface AuditPage {
  /** The newest first. */
  readonly entries: readonly AuditEntry[];
  /** Everything from this one on has been looked at. */
  readonly lookedTo: number;
  /** Older ones lie in segments. */
  readonly hasOlder: boolean;
}

const MINUTE_MS = 60_000;
/** A segment is sealed when it is full, or when its first entry is so old. */
const SEGMENT_MAX = 256;
const SEAL_AFTER_MS = 60 * MINUTE_MS;
/** How many sealed entries stay as rows. */
const RECENT_MAX = 1_000;
/** When the outcome of something important has not been heard for so long, it is recorded without one. */
const INTENT_MS = 2 * MINUTE_MS;
const RETRY_MS = 5 * MINUTE_MS;
/** Rows that one page may look through, and how many are read at a time. */
const LOOK_MAX = 2_000;
const LOOK_AT_ONCE = 100;

export interface AuditChainParts extends AuditServices {
  readonly tenant: string;
  readonly durable: Durable;
  readonly store: AuditStore;
  readonly armedAt: Instant | undefined;
}

/** The audit chain of one tenant: one entry after the other, each naming the hash of the one before. Nothing is changed or deleted. */
export class AuditChain {
  readonly #parts: AuditChainParts;
  readonly #alarm: Alarm;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: AuditChainParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.durable, parts.armedAt);
  }

  /** Resolves when they are in the chain. Idempotent by their ids. */
  record(drafts: readonly AuditDraft[]): Promise<void> {
    return this.#inTurn(() => this.#append(drafts));
  }

  /** Written before the deed: what happens next is in the chain then, even if nobody comes to say how it ended. */
  intend(draft: AuditDraft): void {
    const { durable, store, clock } = this.#parts;
    durable.transact(() => {
      store.prepare();
      store.intend(draft);
      return this.#alarm.arm(this.#due(), clock.now());
    })();
  }

  page(filter: AuditFilter, before: number, limit: number): AuditPage {
    const { store } = this.#parts;
    if (store.isEmpty) return { entries: [], lookedTo: 0, hasOlder: false };
    const entries: AuditEntry[] = [];
    let lookedTo = before;
    for (let looked = 0; looked < LOOK_MAX && entries.length < limit; looked += LOOK_AT_ONCE) {
      for (const entry of store.before(lookedTo, LOOK_AT_ONCE)) {
        lookedTo = entry.seq;
        if (matches(entry, filter)) entries.push(entry);
        if (entries.length === limit) break;
      }
    }
    return { entries, lookedTo, hasOlder: lookedTo > 1 };
  }

  entries(after: number, limit: number): readonly AuditEntry[] {
    const { store } = this.#parts;
    return store.isEmpty ? [] : store.after(after, limit);
  }

  /** Sealed ones: from the one that begins after `bound` on, or before it and backwards. */
  segments(order: 'Ascending' | 'Descending', bound: number, limit: number): readonly Segment[] {
    const { store } = this.#parts;
    if (store.isEmpty) return [];
    return order === 'Ascending' ? store.segmentsAfter(bound, limit) : store.segmentsBefore(bound, limit);
  }

  /** Never throws: what could not be done is tried again. */
  async ring(): Promise<void> {
    const { clock, log, tenant, durable } = this.#parts;
    this.#alarm.ring(
      () => undefined,
      () => clock.now(),
      () => undefined,
    );
    if (this.#parts.store.isEmpty) return;
    let retryAt: Instant | undefined;
    try {
      await this.#inTurn(() => this.#settleIntents());
      await this.#inTurn(() => this.#seal());
    } catch (error) {
      log.error('audit chain not sealed', { tenant }, error);
      retryAt = clock.now() + RETRY_MS;
    }
    const now = clock.now();
    durable.transact(() => this.#alarm.arm(retryAt ?? this.#due(), now))();
  }

  async #append(drafts: readonly AuditDraft[]): Promise<void> {
    const { store, durable, clock } = this.#parts;
    store.prepare();
    const head = store.head();
    let [seq, prev] = [head?.seq ?? 0, head?.hash ?? GENESIS];
    const entries: AuditEntry[] = [];
    for (const draft of drafts) {
      if (store.has(draft.id) || entries.some(({ id }) => id === draft.id)) continue;
      seq += 1;
      const entry = await chained(await bounded(draft, sha256), seq, prev, sha256);
      prev = entry.hash;
      entries.push(entry);
    }
    durable.transact(() => {
      for (const entry of entries) store.append(entry);
      return this.#alarm.arm(this.#due(), clock.now());
    })();
  }

  #settleIntents(): Promise<void> {
    const { store, clock } = this.#parts;
    const left = store.intentsBefore(clock.now() - INTENT_MS);
    return this.#append(left.map((draft) => ({ ...draft, outcome: 'unknown', status: 0 })));
  }

  /**
   * What a segment holds is settled before the first byte of it leaves, so that a crash at any point leads to the very same
   * segment, not to another that overlaps it.
   */
  async #seal(): Promise<void> {
    const { store, durable, tenant, signer, seal } = this.#parts;
    for (;;) {
      const segment = store.planned() ?? durable.transact(() => this.#plan());
      if (segment === undefined) return;
      const { first, last, at } = segment;
      const entries = store.after(first - 1, last - first + 1);
      const { key, sign } = await signer();
      const checkpoint = checkpointOf(entries, { tenant, at: new Date(at).toISOString(), key: key.id });
      if (checkpoint === undefined) throw new Error('a segment of an audit chain is empty');
      const signed: SignedCheckpoint = { checkpoint, signature: await sign(signedText(checkpoint)) };
      const lines = entries.map((entry) => JSON.stringify(entry)).join('\n');
      await seal(tenant, first, lines, JSON.stringify(signed));
      durable.transact(() => {
        store.sealed(first);
        store.prune(RECENT_MAX);
      });
    }
  }

  #plan(): Segment | undefined {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const { count, since } = store.unsealed();
    const isDue = count >= SEGMENT_MAX || (since !== undefined && since + SEAL_AFTER_MS <= now);
    if (!isDue) return undefined;
    const first = store.sealedTo() + 1;
    const segment = { first, last: first + Math.min(count, SEGMENT_MAX) - 1, at: now };
    store.plan(segment);
    return segment;
  }

  #due(): Instant | undefined {
    const { store, clock } = this.#parts;
    if (store.planned() !== undefined) return clock.now() + RETRY_MS;
    const { count, since } = store.unsealed();
    const intentAt = store.oldestIntentAt();
    return earliest(
      count >= SEGMENT_MAX ? clock.now() : undefined,
      since === undefined ? undefined : since + SEAL_AFTER_MS,
      intentAt === undefined ? undefined : intentAt + INTENT_MS,
    );
  }

  /** One after the other: the hash of an entry is known only when that of the one before is. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
