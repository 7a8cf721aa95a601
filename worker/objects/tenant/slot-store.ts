import type { Instant, PipelineId } from '../../engine/ids.ts';

/** A lease on one of the tenant's places for executions. Kept for an hour after a start, held or not: starts are counted by it. */
export interface Slot {
  readonly lease: string;
  readonly pipeline: PipelineId;
  readonly at: Instant;
  /** Counts among the starts of its hour; an execution that comes back does not. */
  readonly isStart: boolean;
  readonly isHeld: boolean;
}

export interface SlotStore {
  transact(body: () => void): void;
  all(): readonly Slot[];
  put(slot: Slot): void;
  remove(lease: string): void;
}
