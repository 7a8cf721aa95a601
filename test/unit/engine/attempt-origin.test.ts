import { expect, it } from 'vitest';
import { attemptOrigin } from '../../../worker/engine/attempt-origin.ts';
import { anAction, anApproval, aPlan } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const key = 'A/a' as never;
const plan = aPlan({ A: [anAction('a'), anApproval('ok')] });

it('is known of an attempt that runs, and of no other', () => {
  const given = Given.execution(plan);
  const trigger = { type: 'StartPipelineExecution', by: 'ada' };
  expect(attemptOrigin(given.state!, key, 1)).toEqual({ trigger, isUntrusted: false, isOnNamedBranches: true });
  expect(attemptOrigin(given.state!, key, 2)).toBeUndefined();
  expect(attemptOrigin(given.state!, 'A/x' as never, 1)).toBeUndefined();
  expect(attemptOrigin(given.state!, 'A/ok' as never, 1)).toBeUndefined();
  given.fail('A/a');
  expect(attemptOrigin(given.state!, key, 1)).toBeUndefined();
});

it('is not known of an execution that has ended, whatever its attempts say', () => {
  const { state } = Given.execution(plan);
  expect(attemptOrigin({ ...state!, status: 'Failed', endedAt: 1 }, key, 1)).toBeUndefined();
});
