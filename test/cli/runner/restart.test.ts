import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JobFolder } from '../../../cli/src/runner/job-folder.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload, withoutTitles } from '../../support/cli/jobs.ts';
import { aWaitingJob, go, runs } from '../../support/cli/waiting-job.ts';
import { gone, isRunning } from '../../support/cli/processes.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';
import { written } from '../../support/cli/until.ts';

const JOB = aPayload().job;

describe('a runner that is killed', () => {
  it('finds its job again, still running, and takes it to its end', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    await pool.hears('claim');
    await runner.kill();
    expect(await isRunning(pid)).toBe(true);
    const again = await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('hello')).jobs).toEqual([JOB]);
    expect(again.output).toContain(`Picking up ${JOB}.`);
    await go(scratch);
    expect((await pool.hears('finish')).result).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(withoutTitles(await pool.log(JOB).complete())).toBe('done\n');
    await again.hasNoJobs();
    expect(await runs(scratch)).toBe(1);
    expect(pool.countOf('claim')).toBe(1);
  });

  it('finds out how its job ended without it', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    const [ran = '', pid = '', wait = ''] = aWaitingJob(scratch).commands;
    pool.offer(aPayload({ commands: [ran, pid, wait, 'exit 5'] }));
    await written(join(scratch, 'pid'));
    const folder = await runner.jobFolder();
    await runner.kill();
    await go(scratch);
    await written(join(folder, 'exit'));
    const again = await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('finish')).result).toMatchObject({ outcome: 'failed', exitCode: 5 });
    await again.hasNoJobs();
    expect(await runs(scratch)).toBe(1);
  });

  it('can still cancel the job that it picked up', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    await runner.kill();
    const again = await RunnerProcess.connected(pool, { stateDir: runner.stateDir });
    pool.say({ type: 'cancel', job: JOB, reason: 'stopped', graceMs: 20_000 });
    expect((await pool.hears('finish')).result.outcome).toBe('cancelled');
    await gone(pid);
    await again.hasNoJobs();
  });

  it('keeps what the server has not acknowledged, and drops what it has', async () => {
    const { pool, runner } = await aRunner();
    pool.isAcknowledging = false;
    pool.offer(aPayload());
    const first = await pool.hears('finish');
    await pool.log(JOB).complete();
    await runner.kill();
    const again = await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('hello', ({ jobs }) => jobs.length > 0)).jobs).toEqual([JOB]);
    expect(await pool.hears('finish')).toEqual(first);
    pool.say({ type: 'finished', job: JOB });
    await again.hasNoJobs();
    await again.kill();
    await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('hello', ({ jobs }) => jobs.length === 0)).jobs).toEqual([]);
  });

  it('still knows that a job could not be started', async () => {
    const { pool, runner } = await aRunner();
    pool.isAcknowledging = false;
    pool.offer(aPayload({ inputs: [{ name: 'source', digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1 }] }));
    const first = await pool.hears('finish');
    await runner.kill();
    await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect(await pool.hears('finish')).toEqual(first);
  });

  it('gives up what it had not begun, so that it can be offered again', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    await runner.kill();
    const payload = aWaitingJob(scratch);
    await JobFolder.create(runner.jobsDir, payload, 'token');
    await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('hello', ({ jobs }) => jobs.length === 0)).jobs).toEqual([]);
    pool.offer(payload);
    await written(join(scratch, 'ran'));
    await go(scratch);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    expect(await runs(scratch)).toBe(1);
  });

  it('together with the supervisor cannot say how its job ended, and sees to it that it has', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    const folder = await runner.jobFolder();
    await written(join(folder, 'group'));
    await runner.kill();
    process.kill(Number((await written(join(folder, 'started'))).split(' ')[0]), 'SIGKILL');
    await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('finish')).result).toMatchObject({ outcome: 'lost', exitCode: null });
    await gone(pid);
  });

  it('does not take another process for its supervisor', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    const folder = await runner.jobFolder();
    await runner.kill();
    const [supervisor = '', startTime = ''] = (await written(join(folder, 'started'))).trim().split(' ');
    process.kill(-pid, 'SIGKILL');
    await written(join(folder, 'exit'));
    // As after a restart of the machine: no word of the end, and numbers that belong to strangers.
    await rm(join(folder, 'exit'));
    await writeFile(join(folder, 'started'), `${process.pid} ${startTime}\n`);
    expect(supervisor).not.toBe(String(process.pid));
    await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect((await pool.hears('finish')).result.outcome).toBe('lost');
  });
});
