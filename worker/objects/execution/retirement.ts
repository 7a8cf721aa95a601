import type { ExecutionId, Instant, TenantId } from '../../engine/ids.ts';
import type { ExecutionState } from '../../engine/model.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { pack, unpack } from './archive.ts';
import type { Turn } from './turn-store.ts';

/** Archives as an object sees them; the bytes lie elsewhere. */
export interface Archives {
  /** How long after its end an execution stays in its object. May be asked often. */
  keepMs(tenant: TenantId): Promise<number>;
  /** Whole or not at all; replaces an older one. */
  put(tenant: TenantId, id: ExecutionId, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  get(tenant: TenantId, id: ExecutionId): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

const DAY_MS = 24 * 60 * 60_000;
/** Until the tenant's own setting is known. */
export const KEPT_MS = 7 * DAY_MS;
/** Between attempts to archive; and as long, an execution that was brought back for an order stays. */
const RETRY_MS = 60 * 60_000;
/** The platform's alarms reach 30 days; one that rings early is set again. */
const HORIZON_MS = 25 * DAY_MS;

export interface RetirementParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly archives: Archives;
}

/** When an ended execution leaves its object, and how it gets into the archive. Never empties the object itself. */
export class Retirement {
  readonly #parts: RetirementParts;
  #keptMs = KEPT_MS;

  constructor(parts: RetirementParts) {
    this.#parts = parts;
  }

  /** For the alarm, so always in the future; undefined while the execution lives. */
  alarmAt(state: ExecutionState): Instant | undefined {
    const due = this.#dueAt(state);
    const now = this.#parts.clock.now();
    return due === undefined ? undefined : Math.min(Math.max(due, now + RETRY_MS), now + HORIZON_MS);
  }

  isDue(state: ExecutionState): boolean {
    const due = this.#dueAt(state);
    return due !== undefined && due <= this.#parts.clock.now();
  }

  /** Nothing depends on it: without an answer, what was known counts on. True: it is another time than before. */
  async learn(tenant: TenantId): Promise<boolean> {
    const before = this.#keptMs;
    try {
      this.#keptMs = await this.#parts.archives.keepMs(tenant);
    } catch (error) {
      this.#parts.log.error('setting not read', { tenant }, error);
    }
    return before !== this.#keptMs;
  }

  /** Resolves when the archive lies there and has been read back as what was written. */
  async write({ tenant, id }: Pick<ExecutionState, 'tenant' | 'id'>, turns: readonly Turn[]): Promise<void> {
    const { archives } = this.#parts;
    const bytes = await pack(turns);
    await archives.put(tenant, id, bytes);
    const stored = await archives.get(tenant, id);
    if (stored === undefined) throw new Error('an archive vanished while it was being written');
    if ((await digestOf(stored)) !== (await digestOf(bytes))) throw new Error('an archive was not stored as written');
    if (seqOf(await unpack(stored)) !== seqOf(turns)) throw new Error('an archive does not hold all turns');
  }

  #dueAt({ endedAt }: ExecutionState): Instant | undefined {
    return endedAt === undefined ? undefined : endedAt + this.#keptMs;
  }
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).join(' ');
}

function seqOf(turns: readonly Turn[]): number {
  return turns.at(-1)?.seq ?? 0;
}
