import type { ExecutionId, Instant, JobId, PipelineId, TenantId } from '../engine/ids.ts';
import type { ActionReport } from '../engine/messages.ts';
import type { Origin } from '../engine/model.ts';
import type { Position } from '../engine/position.ts';
import type { ActionRun } from '../engine/run.ts';

/**
 * How the objects talk: `docs/protocol.md`. Every message is an idempotent call that is answered from one local transaction;
 * whoever sends has committed its intent before and repeats it until it is answered.
 */
export interface ExecutionPeer {
  begin(origin: Origin, grant: Grant): Promise<void>;
  /** False: the execution has never begun. */
  admit(tenant: TenantId, execution: ExecutionId, grant: Grant): Promise<boolean>;
  supersede(tenant: TenantId, execution: ExecutionId): Promise<void>;
  /** Abandons the execution because its pipeline is being deleted. */
  stop(tenant: TenantId, execution: ExecutionId, by: string): Promise<void>;
  report(tenant: TenantId, execution: ExecutionId, report: ActionReport): Promise<void>;
}

export interface Grant {
  /** Of two grants, the one with the higher epoch counts. */
  readonly epoch: number;
  readonly through: number;
}

export interface PipelinePeer {
  /** Takes in where an execution stands and answers with what it may do. */
  report(tenant: TenantId, pipeline: PipelineId, execution: ExecutionId, position: Position): Promise<PositionAnswer>;
}

export type PositionAnswer =
  | { readonly kind: 'Grant'; readonly grant: Grant }
  /** A newer execution has taken its place in front of the stage; it holds nothing and must end. */
  | { readonly kind: 'Superseded' }
  /** The pipeline has no such live execution: its end has been heard. */
  | { readonly kind: 'Unknown' };

export interface PoolPeer {
  /** `sentAt` is stamped at each sending: an old copy is refused. */
  enqueue(run: ActionRun, sentAt: Instant): Promise<'Accepted' | 'Stale'>;
  cancel(
    of: { readonly tenant: TenantId; readonly pool: string; readonly execution: ExecutionId },
    job: JobId,
    cause: string,
  ): Promise<'NeverStarted' | 'Asked' | 'AlreadyOver'>;
}
