import { type ActionKey, actionKey } from '../ids.ts';
import type { ExecutionState } from '../model.ts';
import { currentAttempt, findAction, isTerminal } from '../stages.ts';
import { whyActionWaits } from './action.ts';
import { whyExecution } from './execution.ts';
import type { Reason } from './reason.ts';

/** All of an execution, or one of its stages, or an action of that. */
export interface Part {
  readonly stage?: string;
  readonly action?: string;
}

/** What an object answers; null: the execution has no such part. */
export interface Why extends Pick<ExecutionState, 'number' | 'status'> {
  readonly pipeline: string;
  readonly reasons: readonly Reason[] | null;
}

export function whyOf(state: ExecutionState, part: Part): Why {
  const { number, status, pipeline } = state;
  return { number, status, pipeline: pipeline.name, reasons: whyPart(state, part) ?? null };
}

/** Why that part does not move. Undefined: the execution has no such part. */
export function whyPart(state: ExecutionState, { stage, action }: Part): readonly Reason[] | undefined {
  if (stage === undefined) return whyExecution(state);
  return action === undefined ? whyStage(state, stage) : whyAction(state, actionKey(stage, action));
}

/** Why this stage does not move. Empty: it has ended, or will never be reached. Undefined: there is no such stage. */
export function whyStage(state: ExecutionState, name: string): readonly Reason[] | undefined {
  const index = state.stages.findIndex((stage) => stage.name === name);
  if (index === -1) return undefined;
  if (isTerminal(state)) return [];
  const at = state.returning?.stage ?? state.admission.stage;
  if (index === at) return whyExecution(state);
  const isStillToCome = index > at && index <= (state.span?.last ?? index) && state.stop === undefined;
  if (!isStillToCome) return [];
  const subject = { type: 'stage', execution: state.id, stage: name } as const;
  return [notReached(state, subject, `${name} comes after ${state.stages[at]?.name ?? ''}.`)];
}

/** Why this action, or rule, does not move. Empty: it has ended. Undefined: there is no such action. */
export function whyAction(state: ExecutionState, key: ActionKey): readonly Reason[] | undefined {
  const found = findAction(state, key);
  const [stage = '', name = ''] = key.split('/');
  if (found === undefined) return undefined;
  const own = whyActionWaits(state, found.plan, found.action);
  if (own !== undefined) return [own];
  // A rule that nobody asks is not waited for.
  if (currentAttempt(found.action) !== undefined || found.place !== undefined) return [];
  const ofStage = whyStage(state, stage) ?? [];
  if (ofStage.length === 0 || found.stage !== state.admission.stage || state.stop !== undefined) return ofStage;
  const subject = { type: 'action', execution: state.id, stage, action: name, attempt: null } as const;
  return [notReached(state, subject, `${name} comes later in ${stage}.`)];
}

function notReached(state: ExecutionState, subject: Reason['subject'], message: string): Reason {
  return {
    kind: 'NotReached',
    subject,
    owner: 'execution',
    message,
    since: state.startedAt,
    until: 'What comes before it succeeds.',
    because: whyExecution(state),
  };
}
