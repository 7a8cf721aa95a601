import { assertNever } from './assert-never.ts';
import type { Instant } from './ids.ts';
import type { ActionEvent, ExecutionEvent, ProducedArtifact } from './messages.ts';
import type { ActionState, Artifact, Attempt, ExecutionState, Phase, StageState } from './model.ts';
import type { ActionPlan } from './plan.ts';

/** What is now true. Total over every stored event: it never refuses and never looks at anything but its arguments. */
export function evolve(state: ExecutionState | undefined, event: ExecutionEvent, at: Instant): ExecutionState {
  if (event.type === 'ExecutionBegun') return begin(event, at);
  if (state === undefined) throw new Error(`${event.type} before ExecutionBegun`);
  switch (event.type) {
    case 'Admitted': {
      const { epoch, through } = event;
      return { ...state, admission: { ...state.admission, epoch, through } };
    }
    case 'AdmissionAwaited':
      return {
        ...state,
        // Waiting gives up what was granted before: `docs/protocol.md`, admission.
        admission: { ...state.admission, step: event.step, waiting: true, through: event.stage - 1, since: at },
      };
    case 'StageEntered':
      return withStage(
        { ...state, admission: { ...state.admission, step: event.step, waiting: false, since: at } },
        event.stage,
        (stage) => ({ ...stage, status: 'InProgress', startedAt: at }),
      );
    case 'StageSucceeded': {
      const next = Math.min(event.stage + 1, state.stages.length - 1);
      const ended = withStage(state, event.stage, (stage) => ({ ...stage, status: 'Succeeded', endedAt: at }));
      return { ...ended, admission: { ...ended.admission, stage: next, since: at } };
    }
    case 'StageFailed':
      return withStage(state, event.stage, (stage) => ({ ...stage, status: 'Failed', endedAt: at }));
    case 'StageStopped':
      return withStage(state, event.stage, (stage) => ({ ...stage, status: 'Stopped', endedAt: at }));
    case 'ExecutionStopping': {
      const { abandon, by, reason } = event;
      const stopping: ExecutionState = { ...state, status: 'Stopping', stop: { abandon, by, reason } };
      return withStage(stopping, state.admission.stage, (stage) =>
        stage.status === 'InProgress' ? { ...stage, status: 'Stopping' } : stage,
      );
    }
    case 'ExecutionEnded':
      return {
        ...state,
        status: event.status,
        endedAt: at,
        admission: { ...state.admission, step: event.step, waiting: false },
      };
    default:
      return evolveAction(state, event, at);
  }
}

function begin(event: Extract<ExecutionEvent, { type: 'ExecutionBegun' }>, at: Instant): ExecutionState {
  const { origin, epoch, through } = event;
  return {
    ...origin,
    status: 'InProgress',
    startedAt: at,
    admission: { epoch, through, step: 0, stage: 0, waiting: false, since: at },
    stages: origin.plan.stages.map((stage) => ({
      name: stage.name,
      actions: stage.actions.map(({ key, name }) => ({ key, name, attempts: [] })),
    })),
    artifacts: {},
    namespaces: {},
  };
}

function evolveAction(state: ExecutionState, event: ActionEvent, at: Instant): ExecutionState {
  if (event.type === 'OrphanReported') return state;
  const index = state.plan.stages.findIndex((stage) => stage.actions.some(({ key }) => key === event.action));
  const plan = state.plan.stages[index]?.actions.find(({ key }) => key === event.action);
  if (plan === undefined) throw new Error(`${event.type} for the unknown action ${event.action}`);
  const next = withStage(state, index, (stage) => ({
    ...stage,
    actions: stage.actions.map((action) =>
      action.key === event.action ? evolveAttempts(action, event, at) : action,
    ),
  }));
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
      return { ...attempt, phase: { kind: 'AwaitingApproval', deadline: event.deadline, token: event.token } };
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
        phase: { kind: 'Ended', status: 'Failed', at, failure: event.failure },
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
  if (plan.namespace === undefined) return { ...state, artifacts };
  return { ...state, artifacts, namespaces: { ...state.namespaces, [plan.namespace]: event.variables } };
}

function withStage(state: ExecutionState, index: number, change: (stage: StageState) => StageState): ExecutionState {
  return { ...state, stages: state.stages.map((stage, at) => (at === index ? change(stage) : stage)) };
}
