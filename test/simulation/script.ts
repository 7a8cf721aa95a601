import type { ActionKey } from '../../worker/engine/ids.ts';
import type { ActionReport, ExecutionCommand } from '../../worker/engine/messages.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import { currentAttempt, everyAction } from '../../worker/engine/stages.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import type { Chance } from './world.ts';

const STAGES = ['S0', 'S1', 'S2'];

/** One line of a script: something that is ordered or reported, and how long after the line before. */
export interface Line {
  readonly ms: number;
  readonly command: ExecutionCommand;
}

/**
 * Most lines mean what is going on just now, so that histories get somewhere; the others are late, repeated, about an earlier attempt,
 * about something that is not there, or plainly wrong. `epoch` is a new one; `last` the line before.
 */
export function anyLine(chance: Chance, state: ExecutionState, epoch: number, at: number, last?: Line): Line {
  if (last !== undefined && chance.is(0.06)) return { ...last, ms: chance.of([0, 1, 5_000]) };
  const due = nextWakeAt(state);
  // Exactly on time, a moment early, or late.
  if (due !== undefined && chance.is(0.12)) {
    return { ms: Math.max(due - at + chance.of([-1, 0, 0, 0, 7_000]), 0), command: { type: 'Wake' } };
  }
  const ms = chance.is(0.6) ? chance.of([0, 0, 1, 500]) : chance.of([0, 5_000, 11_000, 60_000, 200_000, 4e8]);
  return { ms, command: anyCommand(chance, state, epoch) };
}

function anyCommand(chance: Chance, state: ExecutionState, epoch: number): ExecutionCommand {
  const kind = chance.next();
  const owed = state.stages.findIndex(({ rollback }) => rollback?.kind === 'Requested');
  if (owed !== -1 && chance.is(0.2)) return anyRollback(chance, owed);
  if (state.endedAt !== undefined && kind < 0.5) return anyReturn(chance, state, epoch);
  if (kind < 0.62) return anyReport(chance, state);
  if (kind < 0.7) return anyAnswer(chance, state);
  if (kind < 0.76) {
    return {
      type: 'ResolveHold',
      action: held(state, chance),
      resolution: chance.is(0.7) ? 'Retry' : 'Fail',
      by: 'p',
    };
  }
  if (kind < 0.86) return anyAdmission(chance, state, epoch);
  if (kind < 0.88) return { type: 'Stop', abandon: chance.is(0.5), by: 'p', reason: '' };
  if (kind < 0.885) return { type: 'Cancel', by: 'p', reason: '' };
  if (kind < 0.89) return { type: 'Supersede' };
  if (kind < 0.9) return { type: 'Yield' };
  if (kind < 0.915) return { type: 'RefuseReturn', message: 'x' };
  if (kind < 0.93) return anyRollback(chance, chance.whole(0, 3));
  if (kind < 0.99) return anyReturn(chance, state, epoch);
  return { type: 'Begin', origin: state, epoch: epoch - chance.whole(0, 2), through: chance.whole(-1, 3) };
}

function anyReport(chance: Chance, state: ExecutionState): ActionReport {
  const of = anyAttempt(chance, state);
  const kind = chance.next();
  if (kind < 0.45) return success(chance, of);
  if (kind < 0.65) {
    return { type: 'ReportFailed', ...of, failure: { code: anyCode(chance), message: 'x' }, ...anyHint(chance) };
  }
  if (kind < 0.7) return { type: 'ReportLost', ...of, reason: 'x' };
  if (kind < 0.74) return { type: 'ReportCancelled', ...of };
  if (kind < 0.8) return { type: 'ReportClaimed', ...of, runner: 'r' };
  if (kind < 0.9) {
    return { type: 'ReportRunning', ...of, ...(chance.is(0.5) ? { externalId: 'e' } : {}), ...anyHint(chance) };
  }
  if (kind < 0.94) return { type: 'ReportUnreachable', ...of };
  if (kind < 0.97) return { type: 'ReportReachable', ...of };
  return { type: 'ReportDue', ...of };
}

function success(chance: Chance, of: Attempted): ActionReport {
  const artifacts = chance.is(0.8) ? ['o0', 'o1'] : ['o0'];
  return {
    type: 'ReportSucceeded',
    ...of,
    variables: chance.of([{}, { V: '1' }, { V: '1', W: '2' }]),
    artifacts: artifacts.map((name) => ({ name, digest: `sha256:${name}`, sizeBytes: 1 })),
  };
}

function anyCode(chance: Chance) {
  return chance.of([
    'JobFailed',
    'JobFailed',
    'ConditionUnmet',
    'ConditionUnmet',
    'SystemUnavailable',
    'TimedOut',
    'ConfigurationError',
    'PermissionError',
  ] as const);
}

function anyHint(chance: Chance): { readonly checkAfterMs?: number } {
  return chance.is(0.5) ? { checkAfterMs: chance.of([0, 1_000, 120_000, 1e8]) } : {};
}

function anyAnswer(chance: Chance, state: ExecutionState): ExecutionCommand {
  const waiting = openOf(state).filter(({ kind }) => kind === 'AwaitingApproval');
  const of = waiting.length > 0 && chance.is(0.9) ? chance.of(waiting) : anyAttempt(chance, state);
  const token = chance.is(0.2) ? { token: `${state.id}:${of.action}:${of.attempt - chance.whole(0, 1)}` } : {};
  return {
    type: 'AnswerApproval',
    action: of.action,
    result: chance.is(0.85) ? 'Approved' : 'Rejected',
    summary: chance.of(['', 'ok']),
    by: chance.of(['p1', 'p2', 'p3']),
    ...(chance.is(0.3) ? { actor: chance.of(['ada@example.com', 'bob@example.com']) } : {}),
    ...(chance.is(0.3) ? { roles: ['owner'] } : {}),
    ...token,
  };
}

function anyAdmission(chance: Chance, state: ExecutionState, epoch: number): ExecutionCommand {
  const through = chance.is(0.7) ? state.admission.stage + chance.whole(0, 1) : chance.whole(-1, 3);
  return { type: 'Admit', epoch: chance.is(0.9) ? epoch : epoch - 1, through };
}

function anyRollback(chance: Chance, stage: number): ExecutionCommand {
  const result = chance.is(0.5)
    ? ({ kind: 'Started', execution: 'rollback' as never } as const)
    : ({ kind: 'Refused', message: 'x' } as const);
  return { type: 'ReportRollback', stage, result };
}

function anyReturn(chance: Chance, state: ExecutionState, epoch: number): ExecutionCommand {
  if (state.returning !== undefined) return { type: 'Admit', epoch, through: chance.whole(-1, 3) };
  const here = state.stages[state.admission.stage]?.name ?? 'S0';
  const stage = chance.is(0.8) ? here : chance.of([...STAGES, 'nowhere']);
  const failed = state.stages[state.admission.stage]?.actions ?? [];
  const mode = chance.of(['FAILED_ACTIONS', 'ALL_ACTIONS'] as const);
  const kind = chance.next();
  if (kind < 0.4) return { type: 'RetryStage', stage, mode, by: 'p' };
  if (kind < 0.55 && failed.length > 0) {
    return { type: 'RetryStage', stage, mode, by: 'p', action: chance.of(failed).key };
  }
  if (kind < 0.75) return { type: 'Resume', stage: chance.is(0.5) ? stage : chance.of(STAGES), by: 'p' };
  return {
    type: 'OverrideCondition',
    stage,
    place: chance.of(['beforeEntry', 'beforeEntry', 'onSuccess', 'onFailure']),
    by: 'p',
  };
}

interface Attempted {
  readonly action: ActionKey;
  readonly attempt: number;
}

function openOf(state: ExecutionState): readonly (Attempted & { readonly kind: string })[] {
  const stage = state.stages[state.admission.stage];
  return (stage === undefined ? [] : everyAction(stage)).flatMap((action) => {
    const attempt = currentAttempt(action);
    if (attempt === undefined || attempt.phase.kind === 'Ended') return [];
    return [{ action: action.key, attempt: attempt.number, kind: attempt.phase.kind }];
  });
}

function anyAttempt(chance: Chance, state: ExecutionState): Attempted {
  const open = openOf(state);
  if (open.length > 0 && chance.is(0.85)) {
    const { action, attempt } = chance.of(open);
    return { action, attempt };
  }
  const all = state.stages.flatMap(everyAction);
  if (all.length === 0 || chance.is(0.1)) return { action: 'S0/nothing' as ActionKey, attempt: 1 };
  const { key, attempts } = chance.of(all);
  return { action: key, attempt: chance.is(0.5) ? (attempts.at(-1)?.number ?? 0) : chance.whole(0, 3) };
}

function held(state: ExecutionState, chance: Chance): ActionKey {
  const holds = openOf(state).filter(({ kind }) => kind === 'Held');
  return holds.length > 0 ? chance.of(holds).action : anyAttempt(chance, state).action;
}
