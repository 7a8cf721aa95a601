import { quotaMessage } from '../../../contract/quotas.ts';
import type { ScheduleOrder } from '../../calendar/schedule.ts';
import type { ExecutionId, Instant, PipelineId, TenantId } from '../../engine/ids.ts';
import type { Caller, Trigger } from '../../engine/model.ts';
import type { Position } from '../../engine/position.ts';
import type { StartOrder, StartRejection } from '../../engine/start.ts';
import type { ExecutionSummary } from '../../engine/summary.ts';
import type { PositionAnswer, SlotRefusal } from '../peers.ts';
import type { Head, StartKey, StoredVersion } from './pipeline-store.ts';

/** What a pipeline is asked for, and what it answers. */

/** The pipeline's part of the index in D1. Both are upserts that an older call cannot undo. */
export interface PipelineIndex {
  publishPipeline(pipeline: PublishedPipeline): Promise<void>;
  /** For executions that end before they were ever admitted, and so have no object of their own to do it. */
  publishSummary(summary: ExecutionSummary): Promise<void>;
}

export interface PublishedPipeline {
  readonly tenant: TenantId;
  readonly id: PipelineId;
  readonly version: number;
  readonly mode: Head['mode'];
  readonly stages: readonly string[];
  readonly updatedAt: Instant;
  /** When it must have been awake at the latest, for its schedules; null: it has none. */
  readonly nextScheduleAt: Instant | null;
}

export interface SaveVersion extends Omit<StoredVersion, 'version' | 'createdAt'> {
  readonly tenant: TenantId;
  readonly id: PipelineId;
  readonly name: string;
  /** Compare and set: save only over this version. */
  readonly ifVersion?: number;
  /** What becomes of the executions of earlier versions. */
  readonly onUpdate?: 'cancel' | 'continue';
  readonly schedules?: readonly ScheduleOrder[];
}

/**
 * Asked before an execution starts by the clock. Calls `begin` exactly once, with a sentence if none may start, and nothing may come
 * between its last question and that.
 */
export type ScheduleGate = (
  of: { readonly tenant: TenantId; readonly pipeline: PipelineId; readonly execution: ExecutionId },
  begin: (problem: string | undefined) => void,
) => Promise<void>;

export interface StartExecution extends StartOrder {
  readonly id: ExecutionId;
  readonly trigger: Trigger;
  readonly key?: string;
  readonly fingerprint: string;
  /** Absent: the latest one. */
  readonly version?: number;
  readonly forkedFrom?: ExecutionId;
  readonly caller?: Caller;
}

export interface Started {
  readonly id: ExecutionId;
  readonly number: number;
  readonly version: number;
  /** Name of the stage that it is in or waits in front of. */
  readonly stage: string;
  readonly isNew: boolean;
}

export type StartCode =
  | StartRejection
  | 'pipeline_not_found'
  | 'version_not_found'
  | 'idempotency_key_reused'
  | 'concurrent_executions_limit'
  | 'execution_quota_exceeded';

export type Outcome<T, Code extends string> =
  | ({ readonly ok: true } & T)
  | ({
      readonly ok: false;
      readonly code: Code;
      readonly message: string;
      readonly executions?: readonly string[];
    } & Partial<SlotRefusal>);

export function refuse<Code extends string>(code: Code, message: string): { ok: false; code: Code; message: string } {
  return { ok: false, code, message };
}

export function refuseByQuota(refusal: SlotRefusal): {
  readonly ok: false;
  readonly code: 'execution_quota_exceeded';
  readonly message: string;
} & SlotRefusal {
  return { ...refuse('execution_quota_exceeded', quotaMessage(refusal.quota)), ...refusal };
}

/** The pipeline knows nothing of it: its end has been heard, or the pipeline is gone. */
export function nowhere(position: Position): PositionAnswer {
  if (position.kind !== 'Returning') return { kind: 'Unknown' };
  return { kind: 'Refused', message: 'The pipeline has been deleted.' };
}

export function repeated(
  earlier: StartKey,
  fingerprint: string,
  stage: string,
): Outcome<Started, 'idempotency_key_reused'> {
  if (earlier.fingerprint !== fingerprint) {
    const message = 'This Idempotency-Key was used for another request; choose a new one.';
    return refuse('idempotency_key_reused', message);
  }
  const { execution, number, version } = earlier;
  return { ok: true, id: execution, number, version, stage, isNew: false };
}

export function overtaken(stage: string): string {
  return `A newer execution has entered "${stage}" meanwhile. Start or fork an execution instead.`;
}

export function tooMany(limit: number): string {
  return `${limit} executions of this pipeline are running or waiting already. Wait for some to end, or stop them.`;
}
