import { describe, expect, it } from 'vitest';
import { RetryableFailure } from '../../../worker/kernel/failure.ts';
import type { CalledStatus } from '../../../worker/providers/pipeline.ts';
import { providerRegistry } from '../../../worker/providers/registry.ts';
import { aRun, FakeWorld } from '../../support/provider-world.ts';

function given() {
  const world = new FakeWorld();
  const provider = providerRegistry(world).get('Invoke/Pipeline');
  if (provider === undefined) throw new Error('no provider');
  return { world, provider };
}

const configuration = { PipelineName: 'other', Variables: '[{"name":"target","value":"staging"}]' };
const run = aRun('Invoke/Pipeline', { configuration });
const EXECUTION = `execution-of-${run.job}`;

describe('a pipeline that calls another one', () => {
  it('hands on its variables and who it is', async () => {
    const { world, provider } = given();
    expect(await provider.start(run)).toEqual({
      kind: 'Running',
      externalId: EXECUTION,
      externalUrl: `/executions/${EXECUTION}`,
      checkAfterMs: 300_000,
    });
    expect(world.calls).toMatchObject([
      {
        tenant: 'tenant-a',
        pipelineName: 'other',
        variables: { target: 'staging' },
        job: run.job,
        caller: { execution: 'exec-1', action: 'Release/one', attempt: 1, depth: 1 },
      },
    ]);
  });

  it('that need not be waited for is done when it has begun', async () => {
    const { provider } = given();
    expect(await provider.start({ ...run, configuration: { ...configuration, Wait: 'false' } })).toMatchObject({
      kind: 'Succeeded',
      variables: { PipelineExecutionId: EXECUTION },
    });
  });

  it.each([
    [{ status: 'InProgress' }, { kind: 'Running', externalId: EXECUTION }],
    [{ status: 'Stopping' }, { kind: 'Running' }],
    [{ status: 'Succeeded' }, { kind: 'Succeeded', variables: { PipelineExecutionId: EXECUTION } }],
    [
      { status: 'Failed', reason: 'Build/Unit: exit code 1.' },
      { code: 'JobFailed', message: `The execution ${EXECUTION} ended Failed. Build/Unit: exit code 1.` },
    ],
    [{ status: 'Superseded' }, { code: 'JobFailed', message: `The execution ${EXECUTION} ended Superseded.` }],
    [{ status: 'Stopped' }, { code: 'JobFailed' }],
    [{ status: 'Cancelled' }, { code: 'JobFailed' }],
    [undefined, { code: 'JobFailed' }],
  ] as const)('%j', async (called: CalledStatus | undefined, expected) => {
    const { world, provider } = given();
    world.called = called;
    expect(await provider.poll(run, EXECUTION)).toMatchObject(expected);
  });

  it('gives up when pipelines call each other ten deep', async () => {
    const { world, provider } = given();
    expect(await provider.start({ ...run, depth: 9 })).toMatchObject({ kind: 'Running' });
    expect(world.calls[0]?.caller.depth).toBe(10);
    expect(await provider.start({ ...run, depth: 10 })).toMatchObject({ code: 'ConfigurationError' });
    expect(world.calls).toHaveLength(1);
  });

  it('tells a callee that cannot start now from one that never will', async () => {
    const { world, provider } = given();
    world.started = { ok: false, message: 'There is no pipeline "other".', isPassing: false };
    expect(await provider.start(run)).toMatchObject({ code: 'ConfigurationError' });
    world.started = { ok: false, message: '100 executions are running already.', isPassing: true };
    await expect(provider.start(run)).rejects.toThrow(RetryableFailure);
  });
});

describe('cancelling it', () => {
  it('stops the callee, also when its id was never heard', async () => {
    const { world, provider } = given();
    expect(await provider.cancel(run, undefined, 'Stopped')).toBe('Cancelled');
    world.stopping = 'Stopping';
    expect(await provider.cancel(run, EXECUTION, 'Stopped')).toBe('Cancelling');
    expect(world.cancelled).toEqual([run.job, run.job]);
  });

  it('is tried again while the callee can be neither stopped nor called gone', async () => {
    const { world, provider } = given();
    world.stopping = 'Passing';
    await expect(provider.cancel(run, EXECUTION, 'Stopped')).rejects.toThrow(RetryableFailure);
  });

  it('leaves alone what nobody waits for', async () => {
    const { world, provider } = given();
    const forgotten = { ...run, configuration: { ...configuration, Wait: 'false' } };
    expect(await provider.cancel(forgotten, EXECUTION, 'Stopped')).toBe('Cancelled');
    expect(world.cancelled).toEqual([]);
  });
});
