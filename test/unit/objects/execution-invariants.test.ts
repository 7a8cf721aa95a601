import { expect, it } from 'vitest';
import type { ExecutionState } from '../../../worker/engine/model.ts';
import type { LogFields } from '../../../worker/kernel/log.ts';
import { ExecutionCore } from '../../../worker/objects/execution/execution-core.ts';
import type { Turn } from '../../../worker/objects/execution/turn-store.ts';
import { type ExecutionImage, turnStore } from '../../simulation/stores.ts';
import { anAction, aPlan, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const plan = aPlan({ A: [anAction('a')], B: [anAction('b')] });

/** An execution whose stored state is as given. */
function coreWith(state: ExecutionState, errors: [string, LogFields][]): ExecutionCore {
  const snapshot = { state, pending: [] };
  const turn: Turn = { seq: 1, at: T0, version: 1, events: [], effects: [], done: [], snapshot };
  const image: ExecutionImage = { turns: [turn] };
  return new ExecutionCore({
    durable: {
      transact: (body) => body(),
      flush: () => Promise.resolve(),
      setAlarm: () => undefined,
      clearAlarm: () => undefined,
    },
    store: turnStore(() => image),
    clock: { now: () => T0 },
    log: { info: () => undefined, error: (message, fields) => errors.push([message, fields]) },
    armedAt: undefined,
    later: () => undefined,
    execute: () => Promise.resolve([]),
    onTurn: () => undefined,
  });
}

it('says that an invariant is broken, and goes on', () => {
  const errors: [string, LogFields][] = [];
  const { stages, ...others } = Given.execution(plan).state!;
  const ahead = stages.map((stage, index) => (index === 1 ? { ...stage, status: 'Succeeded' as const } : stage));
  const core = coreWith({ ...others, stages: ahead }, errors);
  core.submit({ type: 'ReportClaimed', action: 'A/a' as never, attempt: 1, runner: 'r' });
  expect(errors).toEqual([
    ['invariant broken', { execution: 'exec-1', seq: 2, invariants: 'I5 B is ahead of its turn' }],
  ]);
  core.submit({ type: 'ReportSucceeded', action: 'A/a' as never, attempt: 1, variables: {}, artifacts: [] });
  expect(core.state?.stages[0]?.status).toBe('Succeeded');
});

it('is silent while all is well', () => {
  const errors: [string, LogFields][] = [];
  const core = coreWith(Given.execution(plan).state!, errors);
  core.submit({ type: 'ReportClaimed', action: 'A/a' as never, attempt: 1, runner: 'r' });
  expect(errors).toEqual([]);
});
