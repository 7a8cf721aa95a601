import { assertNever } from './assert-never.ts';
import { type StatusReport, statusReport } from './commit-status.ts';
import type { Effect } from './messages.ts';
import type { Caller, ExecutionState, Origin } from './model.ts';
import { type Position, positionOf } from './position.ts';
import { type ActionRun, resolveRun } from './run.ts';
import { findAction } from './stages.ts';
import { type ExecutionSummary, summarize } from './summary.ts';

/** An effect with everything that carrying it out takes. */
export type EffectRequest =
  | { readonly type: 'StartAction'; readonly run: ActionRun }
  | { readonly type: 'PollAction'; readonly run: ActionRun; readonly externalId?: string }
  | {
      readonly type: 'CancelAction';
      readonly run: ActionRun;
      readonly cause: Extract<Effect, { type: 'CancelAction' }>['cause'];
      readonly externalId?: string;
    }
  | {
      readonly type: 'ReportPosition';
      readonly tenant: Origin['tenant'];
      readonly execution: Origin['id'];
      readonly pipeline: Origin['pipeline'];
      readonly position: Position;
    }
  | { readonly type: 'PublishSummary'; readonly summary: ExecutionSummary }
  | {
      readonly type: 'StartRollback';
      readonly tenant: Origin['tenant'];
      readonly execution: Origin['id'];
      readonly pipeline: Origin['pipeline'];
      readonly stage: number;
      readonly stageName: string;
      /** The same for every resend. */
      readonly key: string;
    }
  | { readonly type: 'TellCaller'; readonly tenant: Origin['tenant']; readonly caller: Caller }
  | { readonly type: 'ReportStatus'; readonly tenant: Origin['tenant']; readonly report: StatusReport };

/** Undefined: events have overtaken the effect, and nobody waits for it any more. */
export function requestFor(state: ExecutionState, seq: number, effect: Effect): EffectRequest | undefined {
  switch (effect.type) {
    case 'ReportPosition': {
      const { tenant, id, pipeline } = state;
      return { type: 'ReportPosition', tenant, execution: id, pipeline, position: positionOf(state) };
    }
    case 'PublishSummary':
      return { type: 'PublishSummary', summary: summarize(state, seq) };
    case 'StartRollback':
      return rollbackRequest(state, effect.stage);
    case 'TellCaller':
      return state.caller === undefined
        ? undefined
        : { type: 'TellCaller', tenant: state.tenant, caller: state.caller };
    case 'ReportStatus': {
      const report = statusReport(state, effect.stage);
      return report === undefined ? undefined : { type: 'ReportStatus', tenant: state.tenant, report };
    }
    case 'StartAction':
    case 'PollAction':
    case 'CancelAction':
      return actionRequest(state, effect);
    default:
      return assertNever(effect);
  }
}

/** Carrying it out takes as long as the bytes of a source take. */
export function movesBytes(state: ExecutionState | undefined, effect: Effect): boolean {
  if (state === undefined || (effect.type !== 'StartAction' && effect.type !== 'PollAction')) return false;
  return findAction(state, effect.action)?.plan.type.startsWith('Source/') === true;
}

function rollbackRequest(state: ExecutionState, stage: number): EffectRequest | undefined {
  const { tenant, id, pipeline, stages } = state;
  const at = stages[stage];
  if (at?.rollback?.kind !== 'Requested') return undefined;
  const { automatic = 0, manual = 0 } = at.retries ?? {};
  const key = `${id}:${at.name}:${automatic + manual}`;
  return { type: 'StartRollback', tenant, execution: id, pipeline, stage, stageName: at.name, key };
}

type ActionEffect = Extract<Effect, { type: 'StartAction' | 'PollAction' | 'CancelAction' }>;

function actionRequest(state: ExecutionState, effect: ActionEffect): EffectRequest | undefined {
  const found = findAction(state, effect.action);
  const attempt = found?.action.attempts.find(({ number }) => number === effect.attempt);
  if (found === undefined || attempt === undefined) return undefined;
  const resolution = resolveRun(state, found.plan, effect.attempt);
  if (!resolution.ok) return undefined;
  const { run } = resolution;
  const externalId = ('externalId' in effect ? effect.externalId : undefined) ?? attempt.externalId;
  const at = externalId === undefined ? {} : { externalId };
  switch (effect.type) {
    case 'StartAction':
      // A claim proves that the start has arrived; sending it again could only do harm.
      return attempt.phase.kind === 'Running' && !attempt.phase.claimed ? { type: 'StartAction', run } : undefined;
    case 'PollAction':
      return attempt.phase.kind === 'Running' ? { type: 'PollAction', run, ...at } : undefined;
    case 'CancelAction':
      return { type: 'CancelAction', run, cause: effect.cause, ...at };
    default:
      return assertNever(effect);
  }
}
