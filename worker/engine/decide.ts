import { assertNever } from './assert-never.ts';
import type { Instant } from './ids.ts';
import { decideApproval } from './approval.ts';
import { type Decision, event, NOTHING, reject } from './decision.ts';
import { gitRevision } from './git-source.ts';
import type { ActionReport, ExecutionCommand, ExecutionEvent } from './messages.ts';
import type { ActionState, Attempt, ExecutionState, Failure, Phase } from './model.ts';
import type { ActionPlan } from './plan.ts';
import { retryDelayMs } from './retry.ts';
import { decideOverride, decideResume, decideRetry, giveWay, leaveQueue, refuseReturn } from './return.ts';
import { currentAttempt, findAction, isTerminal, mayYield } from './stages.ts';
import { cancelDeadline, firstTimer, holdDeadline, type Timer } from './timeouts.ts';

type ActionTimer = Extract<Timer, { readonly action: unknown }>;

/** May this happen, and what is then a fact? What follows from it is `advance`'s business. */
export function decide(state: ExecutionState | undefined, command: ExecutionCommand, at: Instant): Decision {
  if (command.type === 'Begin') {
    if (state !== undefined) return decideAdmit(state, command);
    return event({
      type: 'ExecutionBegun',
      origin: command.origin,
      epoch: command.epoch,
      through: command.through,
    });
  }
  if (state === undefined) return reject('execution_not_found', 'This execution was never begun.');
  switch (command.type) {
    case 'Admit':
      return decideAdmit(state, command);
    case 'Supersede':
      if (!state.admission.waiting) return NOTHING;
      return { events: leaveQueue(state, 'Superseded') };
    case 'Yield':
      return mayYield(state) ? { events: giveWay(state) } : NOTHING;
    case 'Wake':
      return decideTimer(state, at);
    case 'Stop':
      return decideStop(state, command);
    case 'Cancel':
      return decideCancel(state, command);
    case 'RetryStage':
      return decideRetry(state, command, at);
    case 'Resume':
      return decideResume(state, command, at);
    case 'OverrideCondition':
      return decideOverride(state, command, at);
    case 'RefuseReturn':
      return refuseReturn(state, command.message);
    case 'ReportRollback':
      return decideRollback(state, command);
    case 'AnswerApproval':
      return decideApproval(state, command, at);
    case 'ResolveHold':
      return decideHold(state, command, at);
    case 'ReportRunning':
    case 'ReportClaimed':
    case 'ReportUnreachable':
    case 'ReportReachable':
    case 'ReportSucceeded':
    case 'ReportFailed':
    case 'ReportDue':
    case 'ReportCancelled':
    case 'ReportLost':
      return decideReport(state, command, at);
    default:
      return assertNever(command);
  }
}

function decideAdmit(
  state: ExecutionState,
  { epoch, through }: { readonly epoch: number; readonly through: number },
): Decision {
  if (isTerminal(state) || epoch <= state.admission.epoch) return NOTHING;
  return event({ type: 'Admitted', epoch, through });
}

function decideStop(state: ExecutionState, command: Extract<ExecutionCommand, { type: 'Stop' }>): Decision {
  if (state.returning !== undefined) return refuseReturn(state, `Stopped by ${command.by}.`);
  if (isTerminal(state)) return reject('execution_ended', `The execution has already ended: ${state.status}.`);
  const { abandon, by, reason } = command;
  if (state.stop !== undefined && (state.stop.abandon || !abandon)) {
    return reject('already_stopping', 'The execution is already stopping.');
  }
  const isCancel = state.stop?.isCancel === true ? { isCancel: true as const } : {};
  return event({ type: 'ExecutionStopping', abandon, by, reason, ...isCancel });
}

function decideCancel(state: ExecutionState, command: Extract<ExecutionCommand, { type: 'Cancel' }>): Decision {
  if (state.returning !== undefined) return refuseReturn(state, command.reason);
  if (isTerminal(state) || state.stop !== undefined) return NOTHING;
  const { by, reason } = command;
  return event({ type: 'ExecutionStopping', abandon: false, by, reason, isCancel: true });
}

function decideRollback(
  state: ExecutionState,
  { stage, result }: Extract<ExecutionCommand, { type: 'ReportRollback' }>,
): Decision {
  if (state.stages[stage]?.rollback?.kind !== 'Requested') return NOTHING;
  return event(
    result.kind === 'Started'
      ? { type: 'RollbackStarted', stage, execution: result.execution }
      : { type: 'RollbackRefused', stage, message: result.message },
  );
}

function decideHold(
  state: ExecutionState,
  command: Extract<ExecutionCommand, { type: 'ResolveHold' }>,
  at: Instant,
): Decision {
  const found = findAction(state, command.action);
  if (found === undefined) return reject('action_not_found', `There is no action "${command.action}".`);
  const attempt = currentAttempt(found.action);
  if (attempt?.phase.kind !== 'Held') {
    return reject('action_not_held', `"${command.action}" is not held for a decision.`);
  }
  const of = { action: command.action, attempt: attempt.number };
  const failure: Failure = { code: 'RunnerLost', message: attempt.phase.reason };
  const failed: ExecutionEvent = { type: 'ActionFailed', ...of, failure, by: command.by };
  if (command.resolution === 'Fail') return event(failed);
  return { events: [failed, { type: 'ActionRetryScheduled', ...of, retryAt: at }] };
}

/** One due timer at a time; `step` asks again until none is due, so that timers see each other's consequences. */
function decideTimer(state: ExecutionState, at: Instant): Decision {
  const timer = firstTimer(state);
  if (timer === undefined || timer.due > at) return NOTHING;
  switch (timer.kind) {
    case 'StageRetry':
    case 'Gate':
      return NOTHING; // `advance` goes on
    case 'Admission':
      return { events: leaveQueue(state, 'Cancelled') };
    case 'Return':
      return refuseReturn(state, 'The pipeline did not answer in time.');
    default:
      return decideActionTimer(state, timer, at);
  }
}

function decideActionTimer(state: ExecutionState, timer: ActionTimer, at: Instant): Decision {
  const found = findAction(state, timer.action);
  const attempt = found === undefined ? undefined : currentAttempt(found.action);
  if (found === undefined || attempt === undefined) return NOTHING;
  const { action, attempt: number } = timer;
  switch (timer.kind) {
    case 'Poll':
      return event({ type: 'ActionPolled', action, attempt: number });
    case 'Retry':
      return NOTHING; // `advance` starts the next attempt
    case 'Deadline':
      return decideDeadline(found.plan, found.action, attempt, timer, at);
    default:
      return assertNever(timer.kind);
  }
}

function decideDeadline(
  plan: ActionPlan,
  action: ActionState,
  attempt: Attempt,
  timer: ActionTimer,
  at: Instant,
): Decision {
  const of = { action: timer.action, attempt: timer.attempt };
  const { phase } = attempt;
  switch (phase.kind) {
    case 'Running':
      return event({ type: 'ActionCancelling', ...of, cause: 'TimedOut', deadline: cancelDeadline(at) });
    case 'AwaitingApproval':
      return fail(plan, action, { code: 'ApprovalExpired', message: 'Nobody answered in time.' }, at);
    case 'Held':
      return fail(plan, action, { code: 'RunnerLost', message: phase.reason }, at);
    case 'Cancelling':
      if (phase.cause === 'Stopped') return event({ type: 'ActionAbandoned', ...of });
      return decideLoss(plan, action, 'Timed out, and its runner did not confirm that it has stopped.', at);
    case 'Ended':
      return NOTHING;
    default:
      return assertNever(phase);
  }
}

function decideReport(state: ExecutionState, report: ActionReport, at: Instant): Decision {
  const found = findAction(state, report.action);
  const attempt = found?.action.attempts.find(({ number }) => number === report.attempt);
  if (found === undefined || attempt === undefined) return NOTHING;
  const { plan, action } = found;
  const of = { action: report.action, attempt: report.attempt };
  const { phase } = attempt;
  // Work that nobody waits for any more must be told so, or it runs on unseen.
  if (phase.kind === 'Ended' || phase.kind === 'Held') {
    if (report.type === 'ReportRunning') return event({ type: 'OrphanReported', ...of, ...externalId(report) });
    if (report.type === 'ReportClaimed' && !isSettledByResult(phase)) return event({ type: 'OrphanReported', ...of });
    return NOTHING;
  }
  if (phase.kind === 'AwaitingApproval') return NOTHING;
  if (phase.kind === 'Cancelling') return decideCancelled(plan, action, report, phase.cause, at);
  switch (report.type) {
    case 'ReportRunning': {
      const pollAt = report.checkAfterMs === undefined ? {} : { pollAt: at + report.checkAfterMs };
      const { externalUrl, summary } = report;
      return event({
        type: 'ActionProgressed',
        ...of,
        ...externalId(report),
        ...(externalUrl === undefined ? {} : { externalUrl }),
        ...(summary === undefined ? {} : { summary }),
        ...pollAt,
      });
    }
    case 'ReportClaimed':
      if (phase.claimed) return NOTHING;
      return event({ type: 'ActionClaimed', ...of, runner: report.runner, deadline: at + plan.timeoutMs });
    case 'ReportUnreachable':
      return phase.unreachableSince === undefined ? event({ type: 'RunnerUnreachable', ...of }) : NOTHING;
    case 'ReportReachable':
      return phase.unreachableSince === undefined ? NOTHING : event({ type: 'RunnerReturned', ...of });
    case 'ReportSucceeded':
      return decideSuccess(plan, action, report, at);
    case 'ReportFailed':
      return fail(plan, action, report.failure, at, true, report.summary, report.checkAfterMs);
    case 'ReportDue':
      return event({ type: 'ActionPolled', ...of });
    case 'ReportCancelled':
      return fail(plan, action, { code: 'JobFailed', message: 'The job was cancelled at its runner.' }, at, false);
    case 'ReportLost':
      return decideLoss(plan, action, report.reason, at);
    default:
      return assertNever(report);
  }
}

/**
 * Whatever the carrier says now confirms that the attempt is over. Work that succeeded before the cancel reached it keeps its
 * success when only the clock was against it: the clock may have run out while nobody could hear the result.
 */
function decideCancelled(
  plan: ActionPlan,
  action: ActionState,
  report: ActionReport,
  cause: 'TimedOut' | 'Stopped',
  at: Instant,
): Decision {
  const of = { action: report.action, attempt: report.attempt };
  switch (report.type) {
    case 'ReportRunning':
      return event({ type: 'OrphanReported', ...of, ...externalId(report) });
    case 'ReportClaimed':
      return event({ type: 'OrphanReported', ...of });
    case 'ReportUnreachable':
    case 'ReportReachable':
      return NOTHING;
    case 'ReportDue':
      return cancelAgain(action, of);
    case 'ReportSucceeded':
    case 'ReportFailed':
    case 'ReportCancelled':
    case 'ReportLost':
      if (cause === 'Stopped') return event({ type: 'ActionAbandoned', ...of });
      if (report.type === 'ReportSucceeded') return decideSuccess(plan, action, report, at);
      if (report.type === 'ReportLost') return decideLoss(plan, action, report.reason, at);
      return fail(plan, action, { code: 'TimedOut', message: timedOut(plan) }, at);
    default:
      return assertNever(report);
  }
}

/** Something has happened at a carrier that is being cancelled: asking once more finds out whether that was all. */
function cancelAgain(action: ActionState, of: Pick<ActionReport, 'action' | 'attempt'>): Decision {
  const phase = currentAttempt(action)?.phase;
  if (phase?.kind !== 'Cancelling') return NOTHING;
  const { cause, deadline } = phase;
  return event({ type: 'ActionCancelling', ...of, cause, deadline });
}

function decideSuccess(
  plan: ActionPlan,
  action: ActionState,
  report: Extract<ActionReport, { type: 'ReportSucceeded' }>,
  at: Instant,
): Decision {
  const artifacts = plan.outputs.map(({ name }) => report.artifacts.find((produced) => produced.name === name));
  const missing = plan.outputs.filter((_, index) => artifacts[index] === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    const message = `Declared output artifacts were not produced: ${missing.join(', ')}.`;
    return fail(plan, action, { code: 'JobFailed', message }, at);
  }
  const { summary, externalUrl, variables } = report;
  const revision = report.revision ?? gitRevision(plan, variables);
  return event({
    type: 'ActionSucceeded',
    action: report.action,
    attempt: report.attempt,
    variables: plan.carrier === 'runner' ? declared(variables, plan.outputVariables) : variables,
    artifacts: artifacts.filter((artifact) => artifact !== undefined),
    ...(summary === undefined ? {} : { summary }),
    ...(externalUrl === undefined ? {} : { externalUrl }),
    ...(revision === undefined ? {} : { revision }),
  });
}

function decideLoss(plan: ActionPlan, action: ActionState, reason: string, at: Instant): Decision {
  const attempt = currentAttempt(action);
  if (attempt === undefined) return NOTHING;
  if (plan.carrier === 'runner' && plan.onRunnerLoss === 'hold') {
    return event({
      type: 'ActionHeld',
      action: plan.key,
      attempt: attempt.number,
      reason,
      deadline: holdDeadline(at),
    });
  }
  return fail(plan, action, { code: 'RunnerLost', message: reason }, at);
}

function fail(
  plan: ActionPlan,
  action: ActionState,
  failure: Failure,
  at: Instant,
  mayRetry = true,
  summary?: string,
  checkAfterMs?: number,
): Decision {
  const attempt = currentAttempt(action);
  if (attempt === undefined) return NOTHING;
  const of = { action: plan.key, attempt: attempt.number };
  const failed: ExecutionEvent = {
    type: 'ActionFailed',
    ...of,
    failure,
    ...(summary === undefined ? {} : { summary }),
    ...(checkAfterMs === undefined ? {} : { checkAfterMs }),
  };
  const delayMs = mayRetry ? retryDelayMs(plan, action, failure.code) : undefined;
  if (delayMs === undefined) return event(failed);
  return { events: [failed, { type: 'ActionRetryScheduled', ...of, retryAt: at + delayMs }] };
}

function declared(
  variables: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => names.includes(name)));
}

/** The job itself brought the end, so there is nothing left of it; its claim merely came in behind its result. */
function isSettledByResult(phase: Extract<Phase, { kind: 'Ended' | 'Held' }>): boolean {
  if (phase.kind === 'Held' || phase.status === 'Abandoned') return false;
  return phase.status === 'Succeeded' || !['RunnerLost', 'TimedOut'].includes(phase.failure.code);
}

function externalId(report: { readonly externalId?: string }): { readonly externalId?: string } {
  return report.externalId === undefined ? {} : { externalId: report.externalId };
}

function timedOut(plan: ActionPlan): string {
  return `Timed out after ${Math.round(plan.timeoutMs / 1000)} s.`;
}
