import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../../worker/engine/failure-code.ts';
import type { ActionState, Attempt } from '../../../worker/engine/model.ts';
import { retryDelayMs } from '../../../worker/engine/retry.ts';
import { anAction, T0 } from '../../support/factories.ts';

const HOUR = 60 * 60_000;

function attempt(number: number, code?: FailureCode): Attempt {
  const ended = {
    kind: 'Ended',
    status: 'Failed',
    at: T0,
    failure: { code: code ?? 'JobFailed', message: '' },
  } as const;
  const running = { kind: 'Running', deadline: T0, claimed: false } as const;
  return { number, startedAt: T0, phase: code === undefined ? running : ended };
}

/** The attempts before, by how they failed, and the one that fails now. */
function after(...codes: readonly FailureCode[]): ActionState {
  const attempts = [...codes.map((code, index) => attempt(index + 1, code)), attempt(codes.length + 1)];
  return { key: 'A/a' as never, name: 'a', attempts };
}

const plan = anAction('a', { retry: { attemptsMax: 4, backoffMs: 1_000 } });

describe('the pause before another attempt', () => {
  it('doubles, up to an hour', () => {
    expect(retryDelayMs(plan, after(), 'JobFailed')).toBe(1_000);
    expect(retryDelayMs(plan, after('JobFailed'), 'JobFailed')).toBe(2_000);
    expect(retryDelayMs(plan, after('JobFailed', 'JobFailed'), 'JobFailed')).toBe(4_000);
    expect(retryDelayMs(plan, after('JobFailed', 'JobFailed', 'JobFailed'), 'JobFailed')).toBeUndefined();
    const slow = anAction('a', { retry: { attemptsMax: 4, backoffMs: HOUR } });
    expect(retryDelayMs(slow, after('JobFailed'), 'JobFailed')).toBe(HOUR);
  });

  it.each<FailureCode>(['Rejected', 'ApprovalExpired', 'ConfigurationError', 'ConditionUnmet'])(
    'is none after %s, which another attempt would not change',
    (code) => expect(retryDelayMs(plan, after(), code)).toBeUndefined(),
  );

  it('is for the failures alone that the definition names', () => {
    const picky = anAction('a', { retry: { attemptsMax: 2, backoffMs: 0, on: ['TimedOut'] } });
    expect(retryDelayMs(picky, after(), 'TimedOut')).toBe(0);
    expect(retryDelayMs(picky, after(), 'JobFailed')).toBeUndefined();
  });

  it('is nothing after a lost runner, three times', () => {
    expect(retryDelayMs(plan, after(), 'RunnerLost')).toBe(0);
    expect(retryDelayMs(plan, after('RunnerLost', 'RunnerLost'), 'RunnerLost')).toBe(0);
    expect(retryDelayMs(plan, after('RunnerLost', 'RunnerLost', 'RunnerLost'), 'RunnerLost')).toBeUndefined();
    const final = anAction('a', { onRunnerLoss: 'fail' });
    expect(retryDelayMs(final, after(), 'RunnerLost')).toBeUndefined();
  });

  it('does not count lost runners, nor attempts of an earlier run of the stage', () => {
    expect(retryDelayMs(plan, after('RunnerLost', 'JobFailed'), 'JobFailed')).toBe(2_000);
    const again = { ...after('JobFailed', 'JobFailed', 'JobFailed'), previous: 3 };
    expect(retryDelayMs(plan, again, 'JobFailed')).toBe(1_000);
  });
});
