import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLOSE_REPLACED, CLOSE_UNSUPPORTED } from '../../../contract/runner-protocol.ts';
import { TestPool } from '../../support/cli/test-pool.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload } from '../../support/cli/jobs.ts';
import { aWaitingJob, go, runs } from '../../support/cli/waiting-job.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';
import { untilTrue, written } from '../../support/cli/until.ts';

const JOB = aPayload().job;

describe('messages that come more than once', () => {
  it('do not make a job run twice', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    const payload = aWaitingJob(scratch);
    pool.offer(payload);
    pool.offer(payload);
    pool.give(payload);
    pool.give(payload);
    await written(join(scratch, 'ran'));
    pool.offer(payload);
    pool.give(payload);
    await go(scratch);
    await pool.hears('finish');
    pool.give(payload);
    await runner.hasNoJobs();
    expect(await runs(scratch)).toBe(1);
    expect(pool.countOf('finish')).toBe(1);
  });

  it('do no harm when they are acknowledgements', async () => {
    const { pool, runner } = await aRunner();
    pool.isAcknowledging = false;
    pool.offer(aPayload({ job: 'large', commands: ['mkdir -p $(seq 4000)'] }));
    await pool.hears('finish');
    // While the folder is being removed, and after.
    await untilTrue('the folder to go', async () => {
      pool.say({ type: 'finished', job: 'large' });
      return (await runner.jobFolders()).length === 0;
    });
    pool.say({ type: 'finished', job: 'large' });
    pool.isAcknowledging = true;
    pool.offer(aPayload());
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
  });
});

describe('a result', () => {
  it('is said again until it is acknowledged', async () => {
    const { pool, runner } = await aRunner();
    pool.isAcknowledging = false;
    pool.offer(aPayload());
    const first = await pool.hears('finish');
    expect(await pool.hears('finish')).toEqual(first);
    pool.drop();
    expect((await pool.hears('hello', ({ jobs }) => jobs.length > 0)).jobs).toEqual([JOB]);
    expect(await pool.hears('finish')).toEqual(first);
    expect(await runner.jobFolders()).toHaveLength(1);
    pool.say({ type: 'finished', job: JOB });
    await runner.hasNoJobs();
  });
});

describe('a connection that breaks', () => {
  it('does not touch a job, which is told of on the next one and runs once', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    await written(join(scratch, 'pid'));
    pool.drop();
    expect((await pool.hears('hello')).jobs).toEqual([JOB]);
    await go(scratch);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    await runner.hasNoJobs();
    expect(await runs(scratch)).toBe(1);
    expect(runner.output).toContain('Connection lost; jobs go on, connecting again.');
    expect(runner.output).toContain('Connected again.');
  });

  it('does not lose the result of a job that ends meanwhile', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    await written(join(scratch, 'pid'));
    pool.refusal = 503;
    pool.drop();
    await runner.says('Connection lost');
    await go(scratch);
    await untilTrue('the result', async () => existsSync(join(await runner.jobFolder(), 'result.json')));
    expect(pool.countOf('finish')).toBe(0);
    pool.refusal = undefined;
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    await runner.hasNoJobs();
    expect(await runs(scratch)).toBe(1);
  });

  it.each([
    [
      'the token is not taken',
      401,
      'The server does not take this token. Use a token of kind "runner" that has not expired.',
    ],
    [
      'the token is of another kind',
      403,
      'The server does not take this token. Use a token of kind "runner" that has not expired.',
    ],
  ])('is not made again when %s', async (_, status, message) => {
    const pool = await TestPool.start();
    pool.refusal = status;
    const runner = await RunnerProcess.start(pool);
    expect(await runner.expectEnd()).toEqual({ code: 1, signal: null, output: `millrace: ${message}\n` });
  });

  it.each([
    [
      CLOSE_REPLACED,
      'replaced',
      'Another runner has connected with the same identity. Give each its own --state folder.',
    ],
    [CLOSE_UNSUPPORTED, 'too old', `The server does not speak this runner's protocol: too old`],
  ])('is not made again when the server ends it with %s', async (code, reason, message) => {
    const { pool, runner } = await aRunner();
    await runner.says('Connected.');
    const ended = runner.expectEnd();
    pool.close(code, reason);
    expect(await ended).toMatchObject({
      code: 1,
      output: expect.stringContaining(`\nmillrace: ${message}\n`) as string,
    });
    expect(pool.connections).toBe(1);
  });
});
