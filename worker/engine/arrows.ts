import type { ActionStatus, ConditionStatus, ExecutionStatus, StageStatus } from './model.ts';

/**
 * Every way in which a status may change, as data: `docs/states.md` is drawn from it, random histories are held against it, and
 * the API's tests walk along it. null: not there, or not reached in this run of the stage.
 * AWS's arrows are those of the user guide, "How pipeline executions work"; the others are ours and say why.
 */
export interface Arrow<Status extends string> {
  readonly from: Status | null;
  readonly to: Status | null;
  readonly when: string;
  readonly isOurs?: true;
}

export const executionArrows: readonly Arrow<ExecutionStatus>[] = [
  { from: null, to: 'InProgress', when: 'started' },
  { from: 'InProgress', to: 'Succeeded', when: 'its last stage has succeeded or is skipped' },
  { from: 'InProgress', to: 'Failed', when: 'a stage has failed' },
  { from: 'InProgress', to: 'Superseded', when: 'a newer one waits at the same stage' },
  { from: 'InProgress', to: 'Cancelled', when: 'the pipeline was changed, or it has waited for 30 days' },
  { from: 'InProgress', to: 'Stopping', when: 'stop' },
  { from: 'InProgress', to: 'Stopped', when: 'stop, before it was ever admitted', isOurs: true },
  { from: 'Stopping', to: 'Stopped', when: 'what ran has ended or is abandoned' },
  { from: 'Failed', to: 'InProgress', when: 'retry, override or resume' },
  { from: 'Stopped', to: 'InProgress', when: 'retry or resume' },
];

export const stageArrows: readonly Arrow<StageStatus>[] = [
  { from: null, to: 'InProgress', when: 'entered' },
  { from: null, to: 'Failed', when: 'its gate has not opened in time', isOurs: true },
  { from: 'InProgress', to: 'Succeeded', when: 'its actions have succeeded and its condition is met' },
  { from: 'InProgress', to: 'Skipped', when: 'its condition before entry says so' },
  { from: 'InProgress', to: 'Failed', when: 'an action or a condition has failed' },
  { from: 'InProgress', to: 'Stopping', when: 'stop' },
  { from: 'InProgress', to: 'Cancelled', when: 'the pipeline was changed' },
  { from: 'Stopping', to: 'Stopped', when: 'what ran has ended or is abandoned' },
  { from: 'Failed', to: 'InProgress', when: 'retry or override' },
  { from: 'Stopped', to: 'InProgress', when: 'retry' },
  { from: 'Succeeded', to: null, when: 'resume from here or before', isOurs: true },
  { from: 'Skipped', to: null, when: 'resume from here or before', isOurs: true },
  { from: 'Failed', to: null, when: 'resume from here or before', isOurs: true },
  { from: 'Stopped', to: null, when: 'resume from here or before', isOurs: true },
];

export const actionArrows: readonly Arrow<ActionStatus>[] = [
  { from: null, to: 'InProgress', when: 'its turn has come' },
  { from: null, to: 'Failed', when: 'a variable or artifact is missing', isOurs: true },
  { from: 'InProgress', to: 'Succeeded', when: 'done' },
  { from: 'InProgress', to: 'Failed', when: 'failed, rejected, timed out or lost' },
  { from: 'InProgress', to: 'Abandoned', when: 'stop' },
  { from: 'Failed', to: 'InProgress', when: 'another attempt is due', isOurs: true },
  { from: 'Failed', to: null, when: 'the stage is retried or resumed', isOurs: true },
  { from: 'Succeeded', to: null, when: 'all actions are retried, or the stage is resumed', isOurs: true },
  { from: 'Abandoned', to: null, when: 'the stage is retried or resumed', isOurs: true },
];

export const conditionArrows: readonly Arrow<ConditionStatus>[] = [
  { from: null, to: 'InProgress', when: 'its rules are evaluated' },
  { from: 'InProgress', to: 'Succeeded', when: 'every rule holds' },
  { from: 'InProgress', to: 'Failed', when: 'a rule does not hold' },
  { from: 'InProgress', to: 'Errored', when: 'a rule could not be evaluated' },
  { from: 'InProgress', to: 'Abandoned', when: 'stop' },
  { from: 'InProgress', to: 'Cancelled', when: 'the execution is superseded or cancelled' },
  { from: 'InProgress', to: 'Overridden', when: 'override of a gate', isOurs: true },
  { from: 'Failed', to: 'Overridden', when: 'override' },
  { from: 'Errored', to: 'Overridden', when: 'override', isOurs: true },
  { from: 'Failed', to: 'InProgress', when: 'a gate is tried again', isOurs: true },
  { from: 'Errored', to: 'InProgress', when: 'a gate is tried again', isOurs: true },
  { from: 'Succeeded', to: 'InProgress', when: 'a gate is looked at again at admission', isOurs: true },
  { from: 'Succeeded', to: null, when: 'the stage is retried or resumed', isOurs: true },
  { from: 'Failed', to: null, when: 'the stage is retried or resumed', isOurs: true },
  { from: 'Errored', to: null, when: 'the stage is retried or resumed', isOurs: true },
  { from: 'Abandoned', to: null, when: 'the stage is retried or resumed', isOurs: true },
  { from: 'Overridden', to: null, when: 'the stage is retried or resumed', isOurs: true },
];
