import { describe, expect, it } from 'vitest';
import { step } from '../../worker/engine/step.ts';
import { everyEvent } from '../support/every-event.ts';
import { anAction, anOrigin, aPlan, T0 } from '../support/factories.ts';
import { playHistory } from './history.ts';
import { invariants } from './invariants.ts';
import { playLine } from './line.ts';
import { difference } from './reference/compare.ts';
import { ExecutionModel } from './reference/execution-model.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 600);
const FIRST = Number(process.env['SEED'] ?? 1);

const again = (seed: number): string => `seed ${seed}, again with SEED=${seed} SEEDS=1`;

describe('the engine and its reference model', () => {
  it('see the same after every line of every script', () => {
    const shapes = new Set<number>();
    const seen = new Set<string>();
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      try {
        playHistory(
          seed,
          (shape) => shapes.add(shape),
          ({ type }) => seen.add(type),
        );
      } catch (error) {
        throw new Error(`${again(seed)}: ${String(error)}`, { cause: error });
      }
    }
    if (SEEDS < 600) return;
    // An event that never comes up is one that the scripts do not try.
    expect(everyEvent.filter((type) => !seen.has(type))).toEqual([]);
    expect(shapes.size).toBeGreaterThan(5_000);
  }, 120_000);

  it('would be caught disagreeing', () => {
    const origin = anOrigin(aPlan({ A: [anAction('a')], B: [anAction('b')] }));
    const model = new ExecutionModel(origin, 1, 9, T0);
    const { state } = step(undefined, { type: 'Begin', origin, epoch: 1, through: 9 }, T0);
    expect(difference(state!, model)).toBeUndefined();
    model.take({ type: 'ReportLost', action: 'A/a' as never, attempt: 1, reason: '' }, T0);
    expect(difference(state!, model)).toContain('A/a');
  });
});

describe('admission and its reference model', () => {
  it('let the same executions into the same stages', () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      try {
        playLine(seed);
      } catch (error) {
        throw new Error(`${again(seed)}: ${String(error)}`, { cause: error });
      }
    }
  }, 60_000);
});

it('says of every invariant where it is checked', () => {
  const names = [...Array.from({ length: 16 }, (_, index) => `I${index + 1}`), 'L1', 'L2', 'L3'];
  expect(Object.keys(invariants)).toEqual(names);
  for (const [name, { checked, elsewhere }] of Object.entries(invariants)) {
    expect(checked.length > 0 || elsewhere !== undefined, name).toBe(true);
  }
});
