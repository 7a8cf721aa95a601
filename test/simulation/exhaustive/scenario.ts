import type { ExecutionMode } from '../../../worker/engine/admission.ts';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import type { ExecutionPlan } from '../../../worker/engine/plan.ts';
import type { Position } from '../../../worker/engine/position.ts';
import { anAction, anApproval, aPlan } from '../../support/factories.ts';

/** What people may do in a scenario, each at most once, at any moment. */
export type Order =
  | { readonly to: 0 | 1; readonly command: ExecutionCommand }
  /** What was closed is opened again, so the opening waits for the closing: the order before it. */
  | { readonly to: 'pipeline'; readonly stage: string; readonly enabled: boolean }
  | { readonly to: 'pipeline'; readonly withdraw: 0 | 1 };

/** A corner of the state space that is small enough to be walked through entirely. */
export interface Scenario {
  readonly name: string;
  readonly plan: ExecutionPlan;
  readonly mode: ExecutionMode;
  readonly orders: readonly Order[];
  /** Jobs may fail. */
  readonly fails: boolean;
  /** What a pipeline hears instead of what an execution said: a fault of ours, to see that it is found. */
  readonly misheard?: (position: Position) => Position;
  /** Deadlines may pass. */
  readonly times: boolean;
}

const twice = { attemptsMax: 2, backoffMs: 0 };
const action = (name: string) => anAction(name, { retry: twice, onRunnerLoss: 'fail', carrier: 'worker' });
const once = (name: string) => anAction(name, { carrier: 'worker', onRunnerLoss: 'fail' });

const square = aPlan({ A: [action('a'), action('b')], B: [action('a'), action('b')] });
const pair = aPlan({ A: [action('a')], B: [action('a')] });
const simple = aPlan({ A: [once('a')], B: [once('a')] });
const yielding = { approvers: [], count: 1, self: true, yields: true as const };
const asking = aPlan({
  A: [once('a')],
  B: [anApproval('ok', { approval: yielding }), anAction('b', { runOrder: 2, carrier: 'worker' })],
});

const modes: readonly ExecutionMode[] = ['SUPERSEDED', 'QUEUED', 'PARALLEL'];
const stop = (to: 0 | 1, abandon: boolean): Order => ({
  to,
  command: { type: 'Stop', abandon, by: 'p', reason: '' },
});
const retry = (to: 0 | 1, stage: string): Order => ({
  to,
  command: { type: 'RetryStage', stage, mode: 'FAILED_ACTIONS', by: 'p' },
});
const resume = (to: 0 | 1, stage: string): Order => ({ to, command: { type: 'Resume', stage, by: 'p' } });
const answer = (to: 0 | 1): Order => ({
  to,
  command: { type: 'AnswerApproval', action: 'B/ok' as never, result: 'Approved', summary: '', by: 'p' },
});
const switched = (stage: string): readonly Order[] =>
  [false, true].map((enabled) => ({ to: 'pipeline', stage, enabled }));
const bare = { fails: true, times: false };

export const scenarios: readonly Scenario[] = [
  ...modes.map((mode): Scenario => ({
    name: `two by two by two, ${mode}`,
    plan: mode === 'PARALLEL' ? pair : square,
    mode,
    orders: [],
    ...bare,
  })),
  ...modes.map((mode): Scenario => ({
    name: `stopped, ${mode}`,
    plan: pair,
    mode,
    orders: [stop(0, false), stop(0, true), stop(1, true), { to: 'pipeline', withdraw: 1 }],
    ...bare,
  })),
  ...modes.map((mode): Scenario => ({
    name: `brought back, ${mode}`,
    plan: simple,
    mode,
    orders: [retry(0, 'A')],
    ...bare,
  })),
  ...modes.map((mode): Scenario => ({
    name: `brought back late, ${mode}`,
    plan: simple,
    mode,
    orders: [retry(0, 'B')],
    ...bare,
  })),
  ...modes.map((mode): Scenario => ({
    name: `overtaken, ${mode}`,
    plan: simple,
    mode,
    orders: [retry(1, 'A')],
    ...bare,
  })),
  ...(['SUPERSEDED', 'QUEUED'] as const).map((mode): Scenario => ({
    name: `both brought back, ${mode}`,
    plan: simple,
    mode,
    orders: [retry(0, 'A'), retry(0, 'B'), retry(1, 'A')],
    ...bare,
  })),
  ...modes.map((mode): Scenario => ({
    name: `resumed, ${mode}`,
    plan: simple,
    mode,
    orders: [resume(0, 'A')],
    ...bare,
  })),
  ...modes.map((mode): Scenario => ({
    name: `a transition closed and opened, ${mode}`,
    plan: simple,
    mode,
    orders: mode === 'PARALLEL' ? switched('B') : [...switched('B'), ...switched('A')],
    ...bare,
  })),
  { name: 'timed out, QUEUED', plan: simple, mode: 'QUEUED', orders: [stop(0, true)], fails: false, times: true },
  { name: 'an approval that makes way', plan: asking, mode: 'SUPERSEDED', orders: [answer(0), answer(1)], ...bare },
];
