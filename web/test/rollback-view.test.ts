import { describe, expect, it } from 'vitest';
import { likelyTarget, rollbackTargets } from '#lib/features/pipelines/rollback-view.ts';
import { aSummary, at } from './factories.ts';

const succeeded = (number: number, over: Partial<Parameters<typeof aSummary>[0]> = {}) =>
  aSummary({ id: `exe_${number}`, number, status: 'Succeeded', ...over });
const lastSucceeded = (number: number) => ({ id: `exe_${number}`, number, at: at(number) });

describe('rollbackTargets', () => {
  it('offers the one before what is there now first', () => {
    const targets = rollbackTargets({ lastSucceeded: lastSucceeded(3) }, [succeeded(3), succeeded(2), succeeded(1)]);
    expect(targets.map(({ isThereNow }) => isThereNow)).toEqual([true, false, false]);
    expect(likelyTarget(targets)).toBe('exe_2');
  });

  it('knows that a rollback put the execution there that it went back to', () => {
    const rollback = succeeded(3, { kind: 'ROLLBACK', origin: 'exe_1' });
    const targets = rollbackTargets({ lastSucceeded: lastSucceeded(3) }, [rollback, succeeded(2), succeeded(1)]);
    expect(targets.map(({ execution }) => execution.number)).toEqual([2, 1]);
    expect(targets.find(({ isThereNow }) => isThereNow)?.execution.id).toBe('exe_1');
  });
});
