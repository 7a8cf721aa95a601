import { ANYBODY } from '../approval.ts';
import type { ActionState, Attempt, ExecutionState, Phase } from '../model.ts';
import type { ActionPlan } from '../plan.ts';
import { actionStatus, currentAttempt } from '../stages.ts';
import { CANCEL_CONFIRM_MS } from '../timeouts.ts';
import { executionHolder, type Holder, pathOf, type Reason, type Remedy } from './reason.ts';

/** Why this action, or rule of a condition, has not ended. Undefined: it has, or has not been reached. */
export function whyActionWaits(state: ExecutionState, plan: ActionPlan, action: ActionState): Reason | undefined {
  const attempt = currentAttempt(action);
  if (attempt === undefined || actionStatus(action) !== 'InProgress') return undefined;
  const [stage = '', name = ''] = action.key.split('/');
  const subject = { type: 'action', execution: state.id, stage, action: name, attempt: attempt.number } as const;
  return { subject, ...said(state, plan, action, attempt) };
}

export function whyActionsWait(
  state: ExecutionState,
  plans: readonly ActionPlan[],
  actions: readonly ActionState[],
): readonly Reason[] {
  return plans.flatMap((plan) => {
    const action = actions.find(({ key }) => key === plan.key);
    const reason = action === undefined ? undefined : whyActionWaits(state, plan, action);
    return reason === undefined ? [] : [reason];
  });
}

type Said = Omit<Reason, 'subject'>;

function said(state: ExecutionState, plan: ActionPlan, action: ActionState, attempt: Attempt): Said {
  const { phase } = attempt;
  switch (phase.kind) {
    case 'Running':
      return running(plan, attempt, phase);
    case 'AwaitingApproval':
      return awaitingApproval(state, plan, attempt, phase);
    case 'Cancelling':
      return cancelling(plan, attempt, phase);
    case 'Held':
      return held(state, plan, phase);
    case 'Ended':
      return awaitingRetry(plan, phase, action.retryAt ?? phase.at);
  }
}

function running(plan: ActionPlan, attempt: Attempt, phase: Extract<Phase, { kind: 'Running' }>): Said {
  const { deadline } = phase;
  const { name } = plan;
  const { runner = 'its runner' } = attempt;
  if (phase.unreachableSince !== undefined) {
    return {
      kind: 'RunnerUnreachable',
      owner: 'runner',
      message: `${name} runs on ${runner}, which is out of touch.`,
      since: phase.unreachableSince,
      deadline,
      until: 'The runner reconnects, or its pool gives it up for lost.',
      may: [{ what: 'Bring the runner back', who: 'Whoever operates it' }],
    };
  }
  if (plan.carrier === 'runner' && !phase.claimed) {
    return {
      kind: 'Queued',
      owner: 'pool',
      message: `${name} waits for a runner of the pool ${plan.pool}${labelled(plan.labels)}.`,
      holder: { type: 'pool', id: plan.pool, href: '/runners' },
      since: attempt.startedAt,
      deadline,
      until: 'A runner takes the job.',
      may: [connectRunner(plan.labels)],
    };
  }
  const called = calledExecution(plan, attempt);
  if (called !== undefined) {
    return {
      kind: 'Running',
      owner: 'execution',
      message: `${name} waits for the execution that it has started.`,
      holder: called,
      since: attempt.startedAt,
      deadline,
      until: 'That execution ends.',
    };
  }
  const isRunner = plan.carrier === 'runner';
  return {
    kind: 'Running',
    owner: isRunner ? 'runner' : 'provider',
    message: isRunner ? `${name} runs on ${runner}.` : `${name} is being carried out by ${plan.type}.`,
    since: isRunner ? deadline - plan.timeoutMs : attempt.startedAt,
    deadline,
    until: 'It ends, or its timeout comes.',
  };
}

function awaitingApproval(
  state: ExecutionState,
  plan: ActionPlan,
  attempt: Attempt,
  { deadline, approvals = [] }: Extract<Phase, { kind: 'AwaitingApproval' }>,
): Said {
  const { approvers, count, self } = plan.approval ?? ANYBODY;
  const missing = count - approvals.length;
  const given = approvals.length === 0 ? '' : ` Given by ${approvals.map(({ by }) => by).join(', ')}.`;
  const listed = approvers.length === 0 ? 'Everybody who may answer approvals' : approvers.join(', ');
  const excluded = [...(self ? [] : [state.trigger.by]), ...approvals.map(({ by }) => by)];
  const who = excluded.length === 0 ? listed : `${listed}, but not ${excluded.join(', ')}`;
  return {
    kind: 'AwaitingApproval',
    owner: 'person',
    message: `${plan.name} waits for ${missing === 1 ? 'an approval' : `${missing} approvals`}.${given}`,
    since: attempt.startedAt,
    deadline,
    until: missing === 1 ? 'Somebody approves or rejects.' : `${missing} different people approve, or one rejects.`,
    may: [answer('Approve or reject', who, state, plan, 'approvals')],
  };
}

function cancelling(
  plan: ActionPlan,
  attempt: Attempt,
  { cause, deadline }: Extract<Phase, { kind: 'Cancelling' }>,
): Said {
  const why = cause === 'TimedOut' ? 'it has timed out' : 'the execution was stopped';
  const by = plan.carrier === 'runner' ? (attempt.runner ?? 'its pool') : plan.type;
  return {
    kind: 'Cancelling',
    owner: plan.carrier === 'runner' ? 'runner' : 'provider',
    message: `${plan.name} is being cancelled, because ${why}; ${by} has not confirmed it yet.`,
    since: deadline - CANCEL_CONFIRM_MS,
    deadline,
    until: 'Whoever carries it out confirms that it has ended.',
  };
}

function held(state: ExecutionState, plan: ActionPlan, phase: Extract<Phase, { kind: 'Held' }>): Said {
  return {
    kind: 'Held',
    owner: 'person',
    message: `${plan.name} is held: ${phase.reason}`,
    since: phase.since,
    deadline: phase.deadline,
    until: 'Somebody says whether it runs again or fails.',
    may: [answer('Retry or fail it', 'Everybody who may retry', state, plan, 'holds')],
  };
}

function awaitingRetry(plan: ActionPlan, phase: Extract<Phase, { kind: 'Ended' }>, retryAt: number): Said {
  const because = phase.status === 'Failed' ? `: ${phase.failure.message}` : '.';
  return {
    kind: 'AwaitingRetry',
    owner: 'timer',
    message: `${plan.name} is tried again after a pause. The attempt before has failed${because}`,
    since: phase.at,
    deadline: retryAt,
    until: 'The pause is over.',
  };
}

/** An action that calls another pipeline is as far as the execution that it has started. */
function calledExecution(plan: ActionPlan, { externalId }: Attempt): Holder | undefined {
  return plan.type !== 'Invoke/Pipeline' || externalId === undefined
    ? undefined
    : executionHolder({ id: externalId });
}

function connectRunner(labels: readonly string[]): Remedy {
  const option = labels.length === 0 ? '' : ` --labels ${labels.join(',')}`;
  return { what: `Connect a runner: millrace runner${option}`, who: 'Whoever has a runner token' };
}

function answer(what: string, who: string, state: ExecutionState, plan: ActionPlan, door: string): Remedy {
  const [stage = '', action = ''] = plan.key.split('/');
  return { what, who, call: `POST /executions/${state.id}/${door}${pathOf(stage, action)}` };
}

function labelled(labels: readonly string[]): string {
  return labels.length === 0 ? '' : ` with ${labels.join(', ')}`;
}
