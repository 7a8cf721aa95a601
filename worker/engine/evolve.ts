import { assertNever } from './assert-never.ts';
import type { Instant } from './ids.ts';
import type { ActionEvent, ExecutionEvent, ProducedArtifact } from './messages.ts';
import { isMet } from './conditions.ts';
import type {
  ActionState,
  Admission,
  Artifact,
  Attempt,
  ConditionState,
  ExecutionState,
  Phase,
  StageState,
  Stop,
} from './model.ts';
import type { ActionPlan, ConditionPlace, StagePlan } from './plan.ts';
import { conditionPlan, conditionState, findAction, lastStage } from './stages.ts';

/** What is now true. Total over every stored event: it never refuses and never looks at anything but its arguments. */
export function evolve(state: ExecutionState | undefined, event: ExecutionEvent, at: Instant): ExecutionState {
  if (event.type === 'ExecutionBegun') return begin(event, at);
  if (state === undefined) throw new Error(`${event.type} before ExecutionBegun`);
  switch (event.type) {
    case 'Admitted': {
      const { epoch, through } = event;
      return { ...state, admission: { ...state.admission, epoch, through } };
    }
    case 'AdmissionAwaited': {
      const { atGate: _, ...admission } = state.admission;
      return {
        ...state,
        // Waiting gives up what was granted before: `docs/protocol.md`, admission.
        admission: {
          ...admission,
          step: event.step,
          waiting: true,
          through: event.stage - 1,
          since: at,
          ...(event.atGate === true ? { atGate: true } : {}),
        },
      };
    }
    case 'StageEntered': {
      const entered: ExecutionState = { ...state, admission: ready(state.admission, { step: event.step, since: at }) };
      return withStage(entered, event.stage, (stage) => ({ ...stage, status: 'InProgress', startedAt: at }));
    }
    case 'StageSucceeded':
    case 'StageSkipped': {
      const next = Math.min(event.stage + 1, lastStage(state));
      const status = event.type === 'StageSucceeded' ? 'Succeeded' : 'Skipped';
      const ended = withStage(state, event.stage, (stage) => ({ ...stage, status, endedAt: at }));
      return { ...ended, admission: { ...ended.admission, stage: next, since: at } };
    }
    case 'StageFailed':
      return withStage(state, event.stage, ({ retryAt: _, ...stage }) => ({
        ...stage,
        status: 'Failed',
        endedAt: at,
        ...(event.reason === undefined ? {} : { reason: event.reason }),
      }));
    case 'StageStopped':
    case 'StageCancelled':
      return withStage(state, event.stage, ({ retryAt: _, ...stage }) => ({
        ...stage,
        status: event.type === 'StageStopped' ? 'Stopped' : 'Cancelled',
        endedAt: at,
      }));
    case 'StageRetryScheduled':
      return withStage(state, event.stage, (stage) => ({ ...stage, retryAt: event.retryAt }));
    case 'StageRetried': {
      const alive = event.step === undefined ? state : revive(state, event.stage, event.step, at);
      return withStage(alive, event.stage, (stage) => retryStage(stage, event));
    }
    case 'ConditionStarted':
      return withStage(state, event.stage, (stage, plan) =>
        withCondition(stage, event.place, plan, (condition) => ({
          ...again(condition),
          status: 'InProgress',
          startedAt: at,
          ...(event.deadline === undefined ? {} : { deadline: event.deadline }),
        })),
      );
    case 'ConditionEnded': {
      const { status, checkAt } = event;
      const next: ExecutionState =
        event.step === undefined ? state : { ...state, admission: open(state.admission, event.step) };
      return withStage(next, event.stage, (stage, plan) =>
        withCondition(stage, event.place, plan, (condition) => ({
          ...condition,
          status,
          endedAt: at,
          ...(checkAt === undefined ? {} : { checkAt }),
        })),
      );
    }
    case 'ConditionOverridden': {
      const isGate = state.endedAt === undefined;
      const step = event.step ?? state.admission.step;
      const next: ExecutionState = isGate
        ? { ...state, admission: open(state.admission, step) }
        : revive(state, event.stage, step, at);
      return withStage(next, event.stage, (stage, plan) => {
        const overridden = withCondition(stage, event.place, plan, ({ checkAt: _, ...condition }) => ({
          ...condition,
          status: 'Overridden',
          endedAt: at,
          overriddenBy: event.by,
        }));
        return isGate ? overridden : inProgress(overridden);
      });
    }
    case 'RollbackRequested':
      return withStage(state, event.stage, (stage) => ({
        ...stage,
        rollback: { kind: 'Requested', place: event.place },
      }));
    case 'RollbackStarted':
      return withStage(state, event.stage, (stage) => ({
        ...stage,
        rollback: { kind: 'Started', execution: event.execution },
      }));
    case 'RollbackRefused':
      return withStage(state, event.stage, (stage) => ({
        ...stage,
        rollback: { kind: 'Refused', message: event.message },
      }));
    case 'ReturnRequested': {
      const { stage, order, by, deadline } = event;
      return {
        ...state,
        returning: { stage, order, by, since: at, deadline },
        admission: { ...state.admission, step: event.step, through: stage - 1 },
      };
    }
    case 'ReturnRefused': {
      const { returning: _, ...ended } = state;
      return { ...ended, admission: { ...ended.admission, step: event.step } };
    }
    case 'ExecutionResumed': {
      const alive = revive(state, event.stage, event.step, at);
      return {
        ...alive,
        stages: alive.stages.map((stage, index) => (index < event.stage ? stage : notReached(stage))),
      };
    }
    case 'ExecutionStopping': {
      const { abandon, by, reason, isCancel } = event;
      const stop: Stop = { abandon, by, reason, ...(isCancel === true ? { isCancel } : {}) };
      // CodePipeline goes from InProgress to Cancelled without a status in between.
      if (isCancel === true) return { ...state, stop };
      const stopping: ExecutionState = { ...state, status: 'Stopping', stop };
      return withStage(stopping, state.admission.stage, (stage) =>
        stage.status === 'InProgress' ? { ...stage, status: 'Stopping' } : stage,
      );
    }
    case 'ExecutionEnded':
      return {
        ...state,
        status: event.status,
        endedAt: at,
        admission: ready(state.admission, { step: event.step }),
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
    admission: { epoch, through, step: 0, stage: origin.span?.first ?? 0, waiting: false, since: at },
    stages: origin.plan.stages.map((stage) => ({
      name: stage.name,
      actions: stage.actions.map(({ key, name }) => ({ key, name, attempts: [] })),
    })),
    artifacts: origin.seed?.artifacts ?? {},
    namespaces: origin.seed?.namespaces ?? {},
  };
}

function evolveAction(state: ExecutionState, event: ActionEvent, at: Instant): ExecutionState {
  if (event.type === 'OrphanReported') return state;
  const found = findAction(state, event.action);
  if (found === undefined) throw new Error(`${event.type} for the unknown action ${event.action}`);
  const { place, plan } = found;
  const evolved = (action: ActionState): ActionState =>
    action.key === event.action ? evolveAttempts(action, event, at) : action;
  const next = withStage(state, found.stage, (stage, stagePlan) =>
    place === undefined
      ? { ...stage, actions: stage.actions.map(evolved) }
      : withCondition(stage, place, stagePlan, (condition) => ({ ...condition, rules: condition.rules.map(evolved) })),
  );
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
  if (plan.namespace === undefined) return { ...state, artifacts };
  return { ...state, artifacts, namespaces: { ...state.namespaces, [plan.namespace]: event.variables } };
}

function withStage(
  state: ExecutionState,
  index: number,
  change: (stage: StageState, plan: StagePlan) => StageState,
): ExecutionState {
  const plan = state.plan.stages[index];
  if (plan === undefined) throw new Error(`no stage ${index}`);
  return { ...state, stages: state.stages.map((stage, at) => (at === index ? change(stage, plan) : stage)) };
}

function withCondition(
  stage: StageState,
  place: ConditionPlace,
  plan: StagePlan,
  change: (condition: ConditionState) => ConditionState,
): StageState {
  const rules = conditionPlan(plan, place)?.rules ?? [];
  const known = conditionState(stage, place) ?? {
    rules: rules.map(({ key, name }): ActionState => ({ key, name, attempts: [] })),
  };
  return { ...stage, conditions: { ...stage.conditions, [place]: change(known) } };
}

/** Past the gate, or past the lock: nothing of its own holds the execution up any more. */
function ready(
  { atGate: _, ...admission }: Admission,
  changes: Pick<Admission, 'step'> & Partial<Admission>,
): Admission {
  return { ...admission, waiting: false, ...changes };
}

/** The gate is open; what is left is the pipeline's lock. */
function open({ atGate: _, ...admission }: Admission, step: number): Admission {
  return { ...admission, step };
}

/** An execution that had ended goes on at this stage. */
function revive(
  { endedAt: _, returning: __, stop: ___, ...state }: ExecutionState,
  stage: number,
  step: number,
  at: Instant,
): ExecutionState {
  return { ...state, status: 'InProgress', admission: ready(state.admission, { step, stage, since: at }) };
}

function retryStage(stage: StageState, event: Extract<ExecutionEvent, { type: 'StageRetried' }>): StageState {
  const isManual = event.by !== undefined;
  const { automatic = 0, manual = 0 } = stage.retries ?? {};
  const entry = conditionState(stage, 'beforeEntry');
  const keepsEntry = event.mode === 'FAILED_ACTIONS' && entry !== undefined && isMet(entry);
  return {
    ...inProgress(stage),
    actions: stage.actions.map((action) => (event.actions.includes(action.key) ? anew(action) : action)),
    ...(stage.conditions === undefined
      ? {}
      : {
          conditions: {
            ...forgotten(stage.conditions),
            ...(keepsEntry ? { beforeEntry: entry } : {}),
          },
        }),
    retries: {
      automatic: isManual ? automatic : automatic + 1,
      manual: isManual ? manual + 1 : manual,
      latest: isManual ? 'ManualStageRetry' : 'AutomatedStageRetry',
    },
  };
}

function inProgress({
  endedAt: _,
  reason: __,
  rollback: ___,
  retryAt: ____,
  ...stage
}: StageState): StageState {
  return { ...stage, status: 'InProgress' };
}

function notReached({ status: _, startedAt: __, ...stage }: StageState): StageState {
  const { status: ___, ...rest } = inProgress(stage);
  return {
    ...rest,
    actions: stage.actions.map(anew),
    ...(stage.conditions === undefined ? {} : { conditions: forgotten(stage.conditions) }),
  };
}

function forgotten(conditions: NonNullable<StageState['conditions']>): NonNullable<StageState['conditions']> {
  return Object.fromEntries(
    Object.entries(conditions).map(([place, condition]) => [place, { rules: condition.rules.map(anew) }]),
  );
}

/** The same condition before another evaluation. */
function again({ status: _, endedAt: __, checkAt: ___, ...condition }: ConditionState): ConditionState {
  return { ...condition, rules: condition.rules.map(anew) };
}

/** The attempts so far are history; the action has not been reached in this run. */
function anew({ retryAt: _, ...action }: ActionState): ActionState {
  return { ...action, previous: action.attempts.length };
}
