import { describe, expect, it } from 'vitest';
import { forkFields, forkVariables } from '#lib/features/executions/fork-form.ts';
import { describeRetries, returnChoices } from '#lib/features/executions/return-view.ts';
import { anAction, anExecution, aStage, at } from './factories.ts';

const failedOne = anAction({ name: 'Unit', status: 'Failed' });
const failedTwo = anAction({ name: 'Lint', status: 'Failed' });
const done = anAction({ name: 'Package', status: 'Succeeded' });
const source = aStage({ name: 'Source', status: 'Succeeded', startedAt: at(0) });
const build = aStage({ name: 'Build', status: 'Failed', startedAt: at(1), actions: [failedOne, failedTwo, done] });
const release = aStage({ name: 'Release' });
const failed = anExecution({ status: 'Failed', stages: [source, build, release] });

const kinds = (...of: Parameters<typeof returnChoices>) => returnChoices(...of).map(({ kind }) => kind);

describe('returnChoices', () => {
  it('offers the failed actions, one of them, all, and resuming, in the stage that failed', () => {
    expect(kinds(failed, build)).toEqual(['failed', 'one', 'all', 'resume']);
  });

  it('offers only resuming from a stage before, and nothing after', () => {
    expect(kinds(failed, source)).toEqual(['resume']);
    expect(kinds(failed, release)).toEqual([]);
  });

  it('offers only resuming where the gate was never passed', () => {
    const refused = aStage({ name: 'Release', status: 'Failed', startedAt: null });
    expect(kinds(anExecution({ status: 'Failed', stages: [source, refused] }), refused)).toEqual(['resume']);
  });

  it('offers failed actions while others of the stage still run', () => {
    const running = aStage({ name: 'Build', status: 'InProgress', startedAt: at(1), actions: [failedOne, done] });
    expect(kinds(anExecution({ stages: [running] }), running)).toEqual(['failed']);
  });

  it('offers nothing when it has succeeded, or is on its way back already', () => {
    const returning = { stage: 'Build', kind: 'Retry' as const, by: 'ada', since: at(9) };
    expect(kinds({ ...failed, returning }, build)).toEqual([]);
    expect(kinds({ ...failed, status: 'Succeeded' }, build)).toEqual([]);
  });
});

describe('describeRetries', () => {
  it('tells automatic ones from those that somebody asked for', () => {
    const retries = { automatic: 1, manual: 2, latest: 'ManualStageRetry' as const };
    expect(describeRetries({ retries })).toBe('1 automatic, 2 manual retries');
    expect(describeRetries({ retries: null })).toBeUndefined();
  });
});

describe('a fork', () => {
  const variables = [{ name: 'target', default: 'staging' }, { name: 'tag' }];

  it('begins with what the origin ran with', () => {
    const initial = forkFields({ variables }, { target: 'moon' }).map((field) => field.initial);
    expect(initial).toEqual(['moon', '']);
  });

  it('sends what differs from the origin, and what the origin did not have', () => {
    const origin = { target: 'moon' };
    const fields = forkFields({ variables }, origin);
    expect(forkVariables(fields, { target: 'moon', tag: 'v2' }, origin)).toEqual({ tag: 'v2' });
    expect(forkVariables(fields, { target: 'staging', tag: '' }, origin)).toEqual({ target: 'staging' });
  });
});
