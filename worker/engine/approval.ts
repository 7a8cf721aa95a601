import { type Decision, event, reject } from './decision.ts';
import type { Instant } from './ids.ts';
import type { ExecutionCommand } from './messages.ts';
import type { Approval, ExecutionState } from './model.ts';
import type { ApprovalPlan } from './plan.ts';
import { currentAttempt, findAction, isTerminal } from './stages.ts';

type Answer = Extract<ExecutionCommand, { type: 'AnswerApproval' }>;

/** Whoever may answer approvals at all; what a definition that says nothing means. */
export const ANYBODY: ApprovalPlan = { approvers: [], count: 1, self: true };

/** A person's answer: one rejection rejects, and as many different people as the policy asks for approve. */
export function decideApproval(state: ExecutionState, answer: Answer, at: Instant): Decision {
  const found = findAction(state, answer.action);
  if (found?.plan.carrier !== 'person') {
    return reject('action_not_found', `There is no approval action "${answer.action}" in this execution.`);
  }
  const attempt = currentAttempt(found.action);
  if (isTerminal(state) || attempt?.phase.kind !== 'AwaitingApproval') {
    return reject('approval_not_pending', `"${answer.action}" is not waiting for an approval.`);
  }
  if (answer.token !== undefined && answer.token !== attempt.phase.token) {
    return reject('approval_token_stale', 'The token belongs to an earlier request for this approval.');
  }
  const policy = found.plan.approval ?? ANYBODY;
  const refusal = whyNot(state, policy, answer);
  if (refusal !== undefined) return reject('approval_forbidden', refusal);
  const of = { action: answer.action, attempt: attempt.number };
  const { by, summary } = answer;
  if (answer.result === 'Rejected') {
    const message = summary === '' ? `Rejected by ${by}.` : summary;
    return event({ type: 'ActionFailed', ...of, by, summary, failure: { code: 'Rejected', message } });
  }
  const given = attempt.phase.approvals ?? [];
  const actor = actorOf(answer);
  if (given.some((approval) => approval.actor === actor)) {
    return reject('approval_given_already', `${by} has approved already; another person must.`);
  }
  const approval: Approval = { by, actor, at, summary };
  if (given.length + 1 < policy.count) return event({ type: 'ApprovalGiven', ...of, approval });
  const everybody = [...given, approval];
  return event({
    type: 'ActionSucceeded',
    ...of,
    by: everybody.map((one) => one.by).join(', '),
    summary: everybody
      .map((one) => one.summary)
      .filter((text) => text !== '')
      .join('\n'),
    variables: {},
    artifacts: [],
  });
}

function whyNot(state: ExecutionState, policy: ApprovalPlan, answer: Answer): string | undefined {
  const actor = actorOf(answer);
  if (!policy.self && answer.result === 'Approved' && actor === (state.trigger.actor ?? state.trigger.by)) {
    return 'Whoever started the execution may not approve it.';
  }
  const { approvers } = policy;
  const names = [actor, answer.by, ...(answer.roles ?? []).map((role) => `role:${role}`)];
  if (approvers.length === 0 || approvers.some((approver) => names.includes(approver))) return undefined;
  return `Only these may answer: ${approvers.join(', ')}.`;
}

function actorOf({ actor, by }: Answer): string {
  return actor ?? by;
}
