import type { ExecutionState } from '../../worker/engine/model.ts';
import { evolve } from '../../worker/engine/evolve.ts';
import { viewChanges } from '../../worker/engine/live.ts';
import { positionOf } from '../../worker/engine/position.ts';
import { requestFor } from '../../worker/engine/request.ts';
import { rollbackTarget } from '../../worker/engine/rollback.ts';
import { isTerminal } from '../../worker/engine/stages.ts';
import { summarize } from '../../worker/engine/summary.ts';
import { timers } from '../../worker/engine/timeouts.ts';
import { whyExecution } from '../../worker/engine/why/execution.ts';
import type { Reason } from '../../worker/engine/why/reason.ts';
import type { Turn } from '../../worker/objects/execution/turn-store.ts';
import { T0 } from './factories.ts';
import { expectStorable } from './stored.ts';

/**
 * An execution as everybody else gets to see it, turn by turn, for people to read: what happened, what the world was asked to do, what
 * feeds, lists and the pipeline hear, what it waits for and why.
 */
export function transcript(turns: readonly Turn[]): string {
  const lines: string[] = [];
  let before: ExecutionState | undefined;
  for (const { seq, at, events, effects } of turns) {
    const state = events.reduce<ExecutionState | undefined>((so, event) => evolve(so, event, at), before);
    if (state === undefined) throw new Error('nothing has begun');
    lines.push('', `== ${seq}, after ${(at - T0) / 1000} s`);
    for (const { type, ...event } of events) lines.push(`${type} ${said(type === 'ExecutionBegun' ? {} : event)}`);
    for (const effect of effects) {
      lines.push(`→ ${said(effect)}`);
      const request = requestFor(state, seq, effect);
      if (request !== undefined) expectStorable(request);
      // What it is about has been said.
      lines.push(
        `  ${said(request?.type === effect.type ? { ...request, summary: undefined, position: undefined } : request)}`,
      );
    }
    expectStorable([
      events,
      effects,
      state,
      summarize(state, seq),
      positionOf(state),
      timers(state),
      whyExecution(state),
    ]);
    const { execution, stages, actions } = viewChanges(before, state);
    expectStorable([execution, stages, actions]);
    lines.push(`list: ${said({ ...summarize(state, seq), pipeline: undefined })}`);
    lines.push(`pipeline: ${said({ ...positionOf(state), start: undefined })}`);
    lines.push(`feed: ${said({ ...execution, artifacts: undefined })}`);
    for (const stage of stages) lines.push(`  ${said(stage)}`);
    for (const action of actions) lines.push(`  ${said(action)}`);
    for (const timer of timers(state)) lines.push(`timer: ${said(timer)}`);
    if (!isTerminal(state)) lines.push(...whyExecution(state).flatMap((reason) => because(reason, 'why: ')));
    before = state;
  }
  if (before !== undefined) lines.push('', `to go back to: ${said(rollbackTarget(before))}`);
  return `${lines.join('\n').trim()}\n`;
}

function because(reason: Reason, indent: string): readonly string[] {
  const { because: deeper = [], ...this_ } = reason;
  return [`${indent}${said(this_)}`, ...deeper.flatMap((one) => because(one, `  ${indent}`))];
}

/** JSON with less noise; instants as seconds since the beginning. */
function said(what: unknown): string {
  if (what === undefined) return '-';
  const text = JSON.stringify(what, (_, value: unknown) => (isInstant(value) ? `${(value - T0) / 1000} s` : value));
  return text.replace(/"(\w+)":/g, '$1: ').replaceAll(',', ', ');
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && value >= T0;
}
