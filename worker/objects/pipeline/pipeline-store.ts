import type { ScheduleState } from '../../calendar/schedule.ts';
import type { LiveExecution } from '../../engine/admission.ts';
import type { StageSuccess, Transition } from '../../engine/board.ts';
import type { ExecutionId, Instant, PipelineId, TenantId } from '../../engine/ids.ts';
import type { Revision } from '../../engine/model.ts';
import type { ExecutionPlan } from '../../engine/plan.ts';
import type { ExecutionStart } from '../../engine/position.ts';
import type { DeclaredVariable } from '../../engine/start.ts';
import type { TriggerPlan } from '../../engine/trigger-plan.ts';

/** The pipeline itself: one row. */
export interface Head {
  readonly tenant: TenantId;
  readonly id: PipelineId;
  readonly name: string;
  readonly mode: LiveExecution['mode'];
  readonly createdAt: Instant;
  readonly version: number;
  /** Number of the newest execution. */
  readonly number: number;
  readonly lastGood: Readonly<Record<string, StageSuccess>>;
  /** Disabled inbound transitions, by stage. */
  readonly transitions?: Readonly<Record<string, Transition>>;
  /** The highest number among ended executions that have entered each stage. */
  readonly entered?: Readonly<Record<string, number>>;
  /** What starts executions by the clock. */
  readonly schedules?: readonly ScheduleState[];
  /** Set when the pipeline is deleted but executions are still on their way out. */
  readonly deletedBy?: string;
}

/** A saved definition. `document` is the definition as checked; `source` what the author wrote, when that was text. */
export interface StoredVersion {
  readonly version: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly digest: string;
  readonly mode: LiveExecution['mode'];
  readonly variables: readonly DeclaredVariable[];
  readonly plan: ExecutionPlan;
  /** Absent: it is older than they are. */
  readonly triggers?: TriggerPlan;
  readonly document: string;
  readonly source?: string;
}

/** A live execution: what admission needs to know of it, and what it starts with. */
export interface LiveRow {
  readonly live: LiveExecution;
  readonly start: ExecutionStart;
  /** Who ordered its end, and why. */
  readonly order?: { readonly by: string; readonly reason: string };
  /** What it holds of the tenant's places for executions. Absent: it is older than they are. */
  readonly lease?: string;
}

/** What an idempotency key was used for. */
export interface StartKey {
  readonly execution: ExecutionId;
  readonly number: number;
  readonly version: number;
  /** Of the request: the same key with another request is a mistake. */
  readonly fingerprint: string;
  readonly at: Instant;
}

export interface PipelineStore {
  head(): Head | undefined;
  putHead(head: Head): void;
  live(): readonly LiveRow[];
  putLive(row: LiveRow): void;
  deleteLive(number: number): void;
  version(version: number): StoredVersion | undefined;
  /** Newest first. */
  versions(before: number, limit: number): readonly StoredVersion[];
  putVersion(version: StoredVersion): void;
  startKey(key: string): StartKey | undefined;
  putStartKey(key: string, value: StartKey): void;
  /** Of deliveries, those before `deliveriesBefore`: a sender may repeat one after days. */
  forgetStartKeys(before: Instant, deliveriesBefore: Instant): void;
  /** Newest first. */
  revisions(action: string): readonly StoredRevision[];
  putRevision(action: string, revision: StoredRevision): void;
  clear(): void;
}

export interface StoredRevision extends Revision {
  readonly createdAt: Instant;
}
