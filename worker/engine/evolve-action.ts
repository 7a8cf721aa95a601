import { assertNever } from './assert-never.ts';
import type { Instant } from './ids.ts';
import type { ActionEvent, ProducedArtifact } from './messages.ts';
import type { ActionState, Artifact, Attempt, ExecutionState, Phase } from './model.ts';
import type { ActionPlan } from './plan.ts';
import { findAction } from './stages.ts';
import { withCondition, withStage } from './with-stage.ts';

/** What is true after something has happened to an attempt of an action, or of a rule. */
export function evolveAction(state: ExecutionState, event: ActionEvent, at: Instant): ExecutionState {
  if (event.type === 'OrphanReported') return state;
  const found = findAction(state, event.action);
  if (found === undefined) throw new Error(`${event.type} for the unknown action ${event.action}`);
  const { place, plan } = found;
  const evolved = (action: ActionState): ActionState =>
    action.key === event.action ? evolveAttempts(action, event, at) : action;
  const next = withStage(state, found.stage, (stage, stagePlan) =>
    place === undefined
      ? { ...stage, actions: stage.actions.map(evolved) }
      : withCondition(stage, place, stagePlan, (condition) => ({
          ...condition,
          rules: condition.rules.map(evolved),
        })),
  );
  if (event.type === 'ApprovalRequested' && event.step !== undefined) {
    return { ...next, admission: { ...next.admission, step: event.step } };
  }
  return event.type === 'ActionSucceeded' ? withOutputs(next, plan, event) : next;
}

function evolveAttempts(action: ActionState, event: ActionEvent, at: Instant): ActionState {
  const { retryAt: _, ...settled } = action;
  if (event.type === 'ActionRetryScheduled') return { ...action, retryAt: event.retryAt };
  if (event.type === 'ActionAbandoned') return { ...settled, attempts: lastAttempt(action, event, at) };
  const isNew = !action.attempts.some(({ number }) => number === event.attempt);
  if (!isNew) return { ...action, attempts: lastAttempt(action, event, at) };
  const born: Attempt = {
    number: event.attempt,
    startedAt: at,
    phase: { kind: 'Running', deadline: at, claimed: false },
  };
  return { ...settled, attempts: [...action.attempts, evolveAttempt(born, event, at)] };
}

function lastAttempt(action: ActionState, event: ActionEvent, at: Instant): readonly Attempt[] {
  return action.attempts.map((attempt) =>
    attempt.number === event.attempt ? evolveAttempt(attempt, event, at) : attempt,
  );
}

function evolveAttempt(attempt: Attempt, event: ActionEvent, at: Instant): Attempt {
  switch (event.type) {
    case 'ActionStarted':
      return { ...attempt, phase: { kind: 'Running', deadline: event.deadline, claimed: false } };
    case 'ApprovalRequested':
      return {
        ...attempt,
        phase: {
          kind: 'AwaitingApproval',
          deadline: event.deadline,
          token: event.token,
          ...(event.covers === undefined ? {} : { covers: event.covers }),
        },
      };
    case 'ApprovalGiven': {
      const { phase } = attempt;
      if (phase.kind !== 'AwaitingApproval') return attempt;
      return { ...attempt, phase: { ...phase, approvals: [...(phase.approvals ?? []), event.approval] } };
    }
    case 'ActionProgressed': {
      const { externalId, externalUrl, summary, pollAt } = event;
      return {
        ...attempt,
        ...(externalId === undefined ? {} : { externalId }),
        ...(externalUrl === undefined ? {} : { externalUrl }),
        ...(summary === undefined ? {} : { summary }),
        phase: running(attempt.phase, (phase) => {
          const { pollAt: _, ...rest } = phase;
          return pollAt === undefined ? rest : { ...rest, pollAt };
        }),
      };
    }
    case 'ActionPolled':
      return {
        ...attempt,
        phase: running(attempt.phase, ({ pollAt: _, ...rest }) => rest),
      };
    case 'ActionClaimed': {
      const { runner, deadline } = event;
      return {
        ...attempt,
        runner,
        phase: running(attempt.phase, (phase) => ({ ...phase, claimed: true, deadline })),
      };
    }
    case 'RunnerUnreachable':
      return { ...attempt, phase: running(attempt.phase, (phase) => ({ ...phase, unreachableSince: at })) };
    case 'RunnerReturned':
      return {
        ...attempt,
        phase: running(attempt.phase, ({ unreachableSince: _, ...rest }) => rest),
      };
    case 'ActionCancelling':
      return { ...attempt, phase: { kind: 'Cancelling', cause: event.cause, deadline: event.deadline } };
    case 'ActionHeld':
      return {
        ...attempt,
        phase: { kind: 'Held', since: at, deadline: event.deadline, reason: event.reason },
      };
    case 'ActionSucceeded': {
      const { summary, externalUrl, by, variables } = event;
      return {
        ...attempt,
        ...(summary === undefined ? {} : { summary }),
        ...(externalUrl === undefined ? {} : { externalUrl }),
        phase: { kind: 'Ended', status: 'Succeeded', at, variables, ...(by === undefined ? {} : { by }) },
      };
    }
    case 'ActionFailed':
      return {
        ...attempt,
        ...(event.summary === undefined ? {} : { summary: event.summary }),
        phase: {
          kind: 'Ended',
          status: 'Failed',
          at,
          failure: event.failure,
          ...(event.checkAfterMs === undefined ? {} : { checkAfterMs: event.checkAfterMs }),
        },
      };
    case 'ActionAbandoned':
      return { ...attempt, phase: { kind: 'Ended', status: 'Abandoned', at } };
    case 'ActionRetryScheduled':
    case 'OrphanReported':
      return attempt;
    default:
      return assertNever(event);
  }
}

type Running = Extract<Phase, { kind: 'Running' }>;

function running(phase: Phase, change: (phase: Running) => Running): Phase {
  return phase.kind === 'Running' ? change(phase) : phase;
}

function withOutputs(
  state: ExecutionState,
  plan: ActionPlan,
  event: Extract<ActionEvent, { type: 'ActionSucceeded' }>,
): ExecutionState {
  const artifact = ({ name, digest, sizeBytes }: ProducedArtifact): readonly [string, Artifact] => [
    name,
    { name, digest, sizeBytes, action: plan.key },
  ];
  const artifacts = { ...state.artifacts, ...Object.fromEntries(event.artifacts.map(artifact)) };
  const next = { ...state, artifacts, revisions: withRevision(state, plan, event) };
  if (plan.namespace === undefined) return next;
  return { ...next, namespaces: { ...state.namespaces, [plan.namespace]: event.variables } };
}

function withRevision(
  { revisions }: ExecutionState,
  { name }: ActionPlan,
  { revision, artifacts: [bytes] }: Extract<ActionEvent, { type: 'ActionSucceeded' }>,
): ExecutionState['revisions'] {
  if (revision === undefined || bytes === undefined) return revisions;
  return { ...revisions, [name]: { ...revision, digest: bytes.digest, sizeBytes: bytes.sizeBytes } };
}
