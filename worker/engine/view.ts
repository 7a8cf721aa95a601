import { evolve } from './evolve.ts';
import type { Instant } from './ids.ts';
import type { ActionState, ActionStatus, Attempt, ExecutionState, Failure, Origin, StageState } from './model.ts';
import type { ActionPlan, StagePlan } from './plan.ts';
import { resolveRun } from './run.ts';
import { ANYBODY } from './approval.ts';
import {
  actionStatus,
  conditionPlaces,
  conditionPlan,
  conditionState,
  currentAttempt,
  currentStage,
} from './stages.ts';

/** What people and programs see of an execution: the state without the machinery. Times are ISO 8601, absence is null. */
export function executionView(state: ExecutionState) {
  return {
    id: state.id,
    number: state.number,
    pipeline: state.pipeline.name,
    version: state.pipeline.version,
    status: state.status,
    trigger: { type: state.trigger.type, by: state.trigger.by, detail: state.trigger.detail ?? null },
    variables: state.variables,
    revisions: Object.entries(state.revisions).map(([action, revision]) => ({
      action,
      id: revision.id,
      digest: revision.digest,
      sizeBytes: revision.sizeBytes,
      summary: revision.summary,
      type: revision.type ?? null,
      branch: revision.branch ?? null,
      url: revision.url ?? null,
      isUntrusted: revision.isUntrusted === true,
    })),
    startedAt: iso(state.startedAt),
    endedAt: isoOrNull(state.endedAt),
    stop: stopView(state),
    returning: returningView(state),
    kind: state.kind ?? ('STANDARD' as const),
    rollback: state.rollback === undefined ? null : { ...state.rollback, from: state.rollback.from ?? null },
    forkedFrom: state.forkedFrom ?? null,
    waitingForStage: state.admission.waiting ? currentStage(state).stage.name : null,
    stages: state.stages.map((stage, index) => stageView(state, state.plan.stages[index], stage)),
    artifacts: Object.values(state.artifacts).map(({ name, digest, sizeBytes, action }) => ({
      name,
      digest,
      sizeBytes,
      action,
    })),
  };
}

export type ExecutionView = ReturnType<typeof executionView>;
export type StageView = ExecutionView['stages'][number];
export type ActionView = StageView['actions'][number];

function stageView(state: ExecutionState, plan: StagePlan | undefined, stage: StageState) {
  return {
    name: stage.name,
    status: stage.status ?? null,
    startedAt: isoOrNull(stage.startedAt),
    endedAt: isoOrNull(stage.endedAt),
    conditions: conditionsView(state, plan, stage),
    retries: stage.retries ?? null,
    retryAt: isoOrNull(stage.retryAt),
    rollback: rollbackView(stage),
    reason: stage.reason ?? null,
    actions: stage.actions.map((action, index) => {
      const actionPlan = plan?.actions[index];
      if (actionPlan === undefined) throw new Error(`no plan for ${action.key}`);
      return actionView(state, actionPlan, action);
    }),
  };
}

function conditionsView(state: ExecutionState, plan: StagePlan | undefined, stage: StageState) {
  return conditionPlaces.flatMap((place) => {
    const condition = plan === undefined ? undefined : conditionPlan(plan, place);
    if (condition === undefined) return [];
    const known = conditionState(stage, place);
    return [
      {
        place,
        otherwise: condition.otherwise,
        status: known?.status ?? null,
        startedAt: isoOrNull(known?.startedAt),
        endedAt: isoOrNull(known?.endedAt),
        deadline: isoOrNull(known?.deadline),
        checkAt: isoOrNull(known?.checkAt),
        overriddenBy: known?.overriddenBy ?? null,
        rules: condition.rules.map((rule) => {
          const action = known?.rules.find(({ key }) => key === rule.key);
          return actionView(state, rule, action ?? { key: rule.key, name: rule.name, attempts: [] });
        }),
      },
    ];
  });
}

function rollbackView({ rollback }: StageState) {
  if (rollback === undefined) return null;
  return {
    status: rollback.kind,
    execution: rollback.kind === 'Started' ? rollback.execution : null,
    message: rollback.kind === 'Refused' ? rollback.message : null,
  };
}

function returningView({ returning, stages }: ExecutionState) {
  if (returning === undefined) return null;
  const { stage, order, by, since } = returning;
  return { stage: stages[stage]?.name ?? '', kind: order.kind, by, since: iso(since) };
}

function stopView({ stop }: ExecutionState) {
  if (stop === undefined) return null;
  const { abandon, by, reason } = stop;
  return { abandon, by, reason };
}

function actionView(state: ExecutionState, plan: ActionPlan, action: ActionState) {
  const attempt = currentAttempt(action);
  const status = actionStatus(action);
  const resolution = attempt === undefined ? undefined : resolveRun(state, plan, attempt.number);
  const run = resolution?.ok === true ? resolution.run : plan;
  return {
    name: plan.name,
    type: plan.type,
    runOrder: plan.runOrder,
    status: status ?? null,
    attempt: attempt?.number ?? null,
    startedAt: isoOrNull(action.attempts.find(({ number }) => number > (action.previous ?? 0))?.startedAt),
    endedAt: status === 'InProgress' || attempt === undefined ? null : isoOrNull(endOf(attempt)),
    summary: attempt?.summary ?? null,
    error: attempt === undefined ? null : (failureOf(attempt) ?? null),
    outputs: attempt?.phase.kind === 'Ended' && attempt.phase.status === 'Succeeded' ? attempt.phase.variables : {},
    externalUrl: attempt?.externalUrl ?? null,
    runner: attempt?.runner ?? null,
    activity: attempt === undefined ? null : activity(plan, action, attempt),
    approval: attempt === undefined ? null : approval(plan, attempt),
    retryAt: isoOrNull(action.retryAt),
    hasLog: plan.carrier === 'runner' && attempt !== undefined,
    inputs: plan.inputs,
    artifacts: plan.outputs.flatMap(({ name }) => {
      const artifact = state.artifacts[name];
      return artifact === undefined ? [] : [{ name, digest: artifact.digest, sizeBytes: artifact.sizeBytes }];
    }),
    configuration: run.configuration,
    commands: run.commands,
    attempts: action.attempts.map(attemptView),
  };
}

function attemptView(attempt: Attempt) {
  return {
    number: attempt.number,
    status: attemptStatus(attempt),
    startedAt: iso(attempt.startedAt),
    endedAt: isoOrNull(endOf(attempt)),
    runner: attempt.runner ?? null,
    summary: attempt.summary ?? null,
    error: failureOf(attempt) ?? null,
  };
}

function attemptStatus({ phase }: Attempt): ActionStatus {
  return phase.kind === 'Ended' ? phase.status : 'InProgress';
}

/** What an action that is InProgress does right now. */
export type Activity =
  'Queued' | 'Running' | 'RunnerUnreachable' | 'AwaitingApproval' | 'Cancelling' | 'Held' | 'AwaitingRetry';

function activity(plan: ActionPlan, action: ActionState, { phase }: Attempt): Activity | null {
  switch (phase.kind) {
    case 'Running':
      if (phase.unreachableSince !== undefined) return 'RunnerUnreachable';
      return plan.carrier === 'runner' && !phase.claimed ? 'Queued' : 'Running';
    case 'Ended':
      return action.retryAt === undefined ? null : 'AwaitingRetry';
    case 'AwaitingApproval':
    case 'Cancelling':
    case 'Held':
      return phase.kind;
  }
}

function approval(plan: ActionPlan, { phase }: Attempt) {
  if (phase.kind !== 'AwaitingApproval') return null;
  const { approvers, count, self } = plan.approval ?? ANYBODY;
  return {
    token: phase.token,
    expiresAt: iso(phase.deadline),
    approvers,
    count,
    self,
    given: (phase.approvals ?? []).map(({ by, at, summary }) => ({ by, at: iso(at), summary })),
    covers: phase.covers ?? null,
  };
}

function failureOf({ phase }: Attempt): Failure | undefined {
  if (phase.kind === 'Held') return { code: 'RunnerLost', message: phase.reason };
  return phase.kind === 'Ended' && phase.status === 'Failed' ? phase.failure : undefined;
}

function endOf({ phase }: Attempt): Instant | undefined {
  return phase.kind === 'Ended' ? phase.at : undefined;
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: Instant | undefined): string | null {
  return at === undefined ? null : iso(at);
}

/** An execution that waits to be admitted, or ended without ever being: it has no turns of its own to be seen by. */
export function unadmittedView(
  origin: Origin,
  startedAt: Instant,
  standing: 'Waiting' | 'Admitted' | { readonly status: ExecutionState['status']; readonly at: Instant },
): ExecutionView {
  const begun = evolve(undefined, { type: 'ExecutionBegun', origin, epoch: 0, through: -1 }, startedAt);
  if (typeof standing === 'object') return executionView({ ...begun, status: standing.status, endedAt: standing.at });
  return executionView({ ...begun, admission: { ...begun.admission, waiting: standing === 'Waiting' } });
}
