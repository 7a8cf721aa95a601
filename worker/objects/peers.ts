import type { QuotaUse } from '../../contract/quotas.ts';
import type { ExecutionId, Instant, JobId, PipelineId, TenantId } from '../engine/ids.ts';
import type { ActionReport } from '../engine/messages.ts';
import type { Origin, Trigger } from '../engine/model.ts';
import type { Position } from '../engine/position.ts';
import type { RollbackTarget } from '../engine/rollback.ts';
import type { ActionRun } from '../engine/run.ts';

/**
 * How the objects talk: `docs/protocol.md`. Every message is an idempotent call that is answered from one local transaction;
 * whoever sends has committed its intent before and repeats it until it is answered.
 */
export interface ExecutionPeer {
  begin(origin: Origin, grant: Grant): Promise<void>;
  /** Where it was when it took the grant in. Undefined: it has never begun. */
  admit(tenant: TenantId, execution: ExecutionId, grant: Grant): Promise<Position | undefined>;
  supersede(tenant: TenantId, execution: ExecutionId): Promise<void>;
  /** Asks it to make way for a newer one; where it is after that. */
  yield(tenant: TenantId, execution: ExecutionId): Promise<Position | undefined>;
  /** Abandons the execution because its pipeline is being deleted. */
  stop(tenant: TenantId, execution: ExecutionId, by: string): Promise<void>;
  /** The pipeline has changed: running actions end, then the execution ends Cancelled. */
  cancel(
    tenant: TenantId,
    execution: ExecutionId,
    order: { readonly by: string; readonly reason: string },
  ): Promise<void>;
  /** It had ended and asked to come back, and must not. */
  refuse(tenant: TenantId, execution: ExecutionId, message: string): Promise<void>;
  report(tenant: TenantId, execution: ExecutionId, report: ActionReport): Promise<void>;
  /** What a rollback to this execution would deploy again. Undefined: there is no such execution, or no longer. */
  target(tenant: TenantId, execution: ExecutionId): Promise<RollbackTarget | undefined>;
}

export interface Grant {
  /** Of two grants, the one with the higher epoch counts. */
  readonly epoch: number;
  readonly through: number;
}

export interface RollbackOrder {
  /** The same for every resend. */
  readonly key: string;
  readonly stage: string;
  /** Absent: the last execution that succeeded in the stage. */
  readonly target?: ExecutionId;
  /** The execution that failed, when nobody ordered the rollback. */
  readonly from?: ExecutionId;
  readonly trigger: Trigger;
}

export type RollbackAnswer =
  | {
      readonly ok: true;
      readonly id: ExecutionId;
      readonly number: number;
      readonly version: number;
      readonly isNew: boolean;
    }
  | ({ readonly ok: false; readonly code: RollbackRefusal; readonly message: string } & Partial<SlotRefusal>);

export type RollbackRefusal =
  | 'pipeline_not_found'
  | 'stage_not_found'
  | 'rollback_not_possible'
  | 'rollback_target_invalid'
  | 'idempotency_key_reused'
  | 'execution_quota_exceeded';

export interface PipelinePeer {
  /** Takes in where an execution stands and answers with what it may do. */
  report(tenant: TenantId, pipeline: PipelineId, execution: ExecutionId, position: Position): Promise<PositionAnswer>;
  rollback(tenant: TenantId, pipeline: PipelineId, order: RollbackOrder): Promise<RollbackAnswer>;
}

export type PositionAnswer =
  | { readonly kind: 'Grant'; readonly grant: Grant }
  /** A newer execution has taken its place in front of the stage; it holds nothing and must end. */
  | { readonly kind: 'Superseded' }
  | { readonly kind: 'Cancelled'; readonly by: string; readonly reason: string }
  /** It had ended and must not come back. */
  | { readonly kind: 'Refused'; readonly message: string }
  /** The pipeline has no such live execution: its end has been heard. */
  | { readonly kind: 'Unknown' };

/** The tenant's places for executions, as its pipelines see them. */
export interface SlotPeer {
  /** Undefined: taken. */
  take(tenant: TenantId, order: TakeSlot): Promise<SlotRefusal | undefined>;
  /** `isVoid`: nothing was started with them. */
  release(tenant: TenantId, leases: readonly string[], isVoid: boolean): Promise<void>;
}

export interface TakeSlot {
  /** Of one beginning: a resend has the same, another beginning another one. */
  readonly lease: string;
  readonly pipeline: PipelineId;
  /** Counts among the starts of an hour. */
  readonly isStart: boolean;
}

export interface SlotRefusal {
  readonly quota: QuotaUse;
  readonly retryAfterSeconds: number;
}

export type ByteQuota = 'artifactBytes' | 'logBytes';

export interface ReserveBytes {
  readonly name: ByteQuota;
  readonly least: number;
  readonly want: number;
}

export interface ByteGrant {
  /** 0: not even the least. */
  readonly granted: number;
  readonly quota: QuotaUse;
}

export interface PoolPeer {
  /** `sentAt` is stamped at each sending: an old copy is refused. */
  enqueue(run: ActionRun, sentAt: Instant): Promise<'Accepted' | 'Stale'>;
  cancel(
    of: { readonly tenant: TenantId; readonly pool: string; readonly execution: ExecutionId },
    job: JobId,
    cause: string,
  ): Promise<'NeverStarted' | 'Asked' | 'AlreadyOver'>;
}
