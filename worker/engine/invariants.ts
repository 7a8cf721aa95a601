import type { ActionState, ExecutionState, StageState } from './model.ts';
import { actionStatus, firstStage, isTerminal } from './stages.ts';
import { nextWakeAt } from './timeouts.ts';

/**
 * What must be true of every stored state, as far as one look at the state tells; empty when all is well. Cheap enough to be asked
 * after every turn in production: `docs/decisions/0020-invariants-in-production.md`. The numbers are those of
 * `test/simulation/invariants.ts`, which knows of the others, too.
 */
export function brokenInvariants(state: ExecutionState): readonly string[] {
  const broken: string[] = [];
  if (isTerminal(state)) {
    if (state.status === 'InProgress' || state.status === 'Stopping') broken.push('I4 it has ended without an end');
    if (state.stages.some(isUnderWay)) broken.push('I3 something goes on after the end');
  } else if (nextWakeAt(state) === undefined) broken.push('I7 it waits without a timer');
  state.stages.forEach((stage, index) => {
    if (!isInOrder(state, stage, index)) broken.push(`I5 ${stage.name} is ahead of its turn`);
    const all = stage.conditions === undefined ? stage.actions : withRules(stage);
    for (const action of all) if (!isOneByOne(action)) broken.push(`I1 attempts of ${action.key} overlap`);
  });
  return broken;
}

function isUnderWay(stage: StageState): boolean {
  if (stage.status === 'InProgress' || stage.status === 'Stopping' || stage.retryAt !== undefined) return true;
  if (Object.values(stage.conditions ?? {}).some(({ status }) => status === 'InProgress')) return true;
  return withRules(stage).some((action) => actionStatus(action) === 'InProgress');
}

/** A stage is reached only when the one before has been left; it succeeds only when all its actions have. */
function isInOrder(state: ExecutionState, stage: StageState, index: number): boolean {
  if (stage.status === undefined) return true;
  const before = index > firstStage(state) ? state.stages[index - 1]?.status : 'Succeeded';
  if (before !== 'Succeeded' && before !== 'Skipped') return false;
  return stage.status !== 'Succeeded' || stage.actions.every((action) => actionStatus(action) === 'Succeeded');
}

/** Numbered one by one, and none begins before the one before has ended. */
function isOneByOne({ attempts }: ActionState): boolean {
  const first = attempts[0]?.number ?? 1;
  const last = attempts.length - 1;
  return attempts.every(
    ({ number, phase }, index) => number === first + index && (index === last || phase.kind === 'Ended'),
  );
}

function withRules(stage: StageState): readonly ActionState[] {
  return [...stage.actions, ...Object.values(stage.conditions ?? {}).flatMap(({ rules }) => rules)];
}
