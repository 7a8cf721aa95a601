import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload } from '../../support/cli/jobs.ts';
import { aWaitingJob, go, runs } from '../../support/cli/waiting-job.ts';
import { gone, isRunning } from '../../support/cli/processes.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';
import { written } from '../../support/cli/until.ts';

const JOB = aPayload().job;

describe('draining', () => {
  it('finishes what runs, takes nothing new, and leaves with 0', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    await written(join(scratch, 'pid'));
    runner.signal('SIGTERM');
    await pool.hears('draining');
    pool.offer(aPayload({ job: 'another' }));
    await go(scratch);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    expect(await runner.ended).toMatchObject({ code: 0, signal: null });
    expect(pool.countOf('claim')).toBe(1);
    expect(await pool.log(JOB).complete()).toContain('done');
    expect(await runner.jobFolders()).toEqual([]);
  });

  it('is over at once when nothing runs', async () => {
    const { pool, runner } = await aRunner();
    await runner.says('Connected.');
    runner.signal('SIGTERM');
    expect(await runner.ended).toMatchObject({ code: 0, signal: null });
    expect(pool.countOf('draining')).toBe(1);
  });

  it('waits for the answer to a claim, since the job may be its own by now', async () => {
    const { pool, runner } = await aRunner();
    pool.isAnsweringClaims = false;
    pool.offer(aPayload());
    await pool.hears('claim');
    runner.signal('SIGTERM');
    await pool.hears('draining');
    pool.give(aPayload());
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    expect(await runner.ended).toMatchObject({ code: 0 });
  });

  it('is over when the answer to the last claim is no', async () => {
    const { pool, runner } = await aRunner();
    pool.isAnsweringClaims = false;
    pool.offer(aPayload());
    await pool.hears('claim');
    runner.signal('SIGTERM');
    await pool.hears('draining');
    pool.say({ type: 'gone', job: JOB });
    expect(await runner.ended).toMatchObject({ code: 0 });
  });

  it('is said again on a new connection', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    await written(join(scratch, 'pid'));
    runner.signal('SIGTERM');
    await pool.hears('draining');
    pool.drop();
    await pool.hears('hello');
    await pool.hears('draining');
    await go(scratch);
    expect(await runner.ended).toMatchObject({ code: 0 });
  });

  it('becomes cancelling with the second signal', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    runner.signal('SIGTERM');
    await pool.hears('draining');
    runner.signal('SIGTERM');
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({ outcome: 'lost', message: 'The runner was shut down in the middle of it.' });
    await gone(pid);
    expect(await runner.ended).toMatchObject({ code: 0 });
  });

  it('is not what an attached runner does: it leaves at once, and its job goes on', async () => {
    const { pool, runner } = await aRunner(['--attached']);
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    runner.closeStdin();
    expect(await runner.ended).toMatchObject({ code: 0 });
    expect(await isRunning(pid)).toBe(true);
    await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    await go(scratch);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    expect(await runs(scratch)).toBe(1);
  });
});
