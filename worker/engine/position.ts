import type { EndStatus } from './messages.ts';
import type { ExecutionState } from './model.ts';

/**
 * Where an execution stands, as it tells its pipeline. Complete in itself and numbered by `step`: a later report says all
 * that an earlier, lost one would have said.
 */
export type Position = { readonly step: number } & (
  | { readonly kind: 'In'; readonly stage: number }
  | { readonly kind: 'Waiting'; readonly stage: number }
  | { readonly kind: 'Ended'; readonly status: EndStatus; readonly succeeded: number }
);

export function positionOf(state: ExecutionState): Position {
  const { step, stage, waiting } = state.admission;
  if (state.endedAt !== undefined) {
    const succeeded = state.stages.filter(({ status }) => status === 'Succeeded').length;
    return { step, kind: 'Ended', status: endStatus(state), succeeded };
  }
  return { step, kind: waiting ? 'Waiting' : 'In', stage };
}

function endStatus({ status }: ExecutionState): EndStatus {
  if (status === 'InProgress' || status === 'Stopping') throw new Error(`${status} is not an end`);
  return status;
}
