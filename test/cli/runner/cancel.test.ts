import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload } from '../../support/cli/jobs.ts';
import { aWaitingJob } from '../../support/cli/waiting-job.ts';
import { gone } from '../../support/cli/processes.ts';
import { aRunner } from '../../support/cli/runner-process.ts';
import { untilTrue, written } from '../../support/cli/until.ts';

const JOB = aPayload().job;

describe('cancelling', () => {
  it('ends the job and is told as such', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    pool.say({ type: 'cancel', job: JOB, reason: 'stopped by a person', graceMs: 20_000 });
    expect((await pool.hears('finish')).result).toMatchObject({ outcome: 'cancelled', exitCode: 143 });
    await gone(pid);
    await runner.hasNoJobs();
  });

  it('gives a stubborn job its grace and then ends it, all of it', async () => {
    const { pool } = await aRunner();
    const scratch = await aFolder();
    const stubborn = `trap "" TERM; sleep 1000 & echo $! > ${scratch}/pid; while :; do sleep 0.02; done`;
    pool.offer(aPayload({ commands: [`sh -c '${stubborn}'`] }));
    const pid = Number(await written(join(scratch, 'pid')));
    pool.say({ type: 'cancel', job: JOB, reason: 'stopped', graceMs: 300 });
    expect((await pool.hears('finish')).result).toMatchObject({ outcome: 'cancelled', exitCode: 137 });
    await gone(pid);
  });

  it('comes in time even right behind the claim', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    for (let round = 1; round <= 5; round += 1) {
      const job = `exe:S/a:${round}`;
      pool.give(aWaitingJob(scratch, { job }));
      pool.say({ type: 'cancel', job, reason: 'stopped', graceMs: 20_000 });
      expect((await pool.hears('finish')).result.outcome).toBe('cancelled');
    }
    await runner.hasNoJobs();
  });

  it('comes in time whenever it comes, so that no grace is lost', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    for (let round = 1; round <= 12; round += 1) {
      const job = `exe:S/a:${round}`;
      pool.give(aWaitingJob(scratch, { job }));
      // Anywhere between the folder and the first command.
      const seen = ['started', 'group', 'output.log'][round % 3] ?? '';
      await untilTrue(seen, async () => existsSync(join(await runner.jobFolder(), seen)));
      pool.say({ type: 'cancel', job, reason: 'stopped', graceMs: 60_000 });
      expect((await pool.hears('finish')).result.outcome).toBe('cancelled');
      await runner.hasNoJobs();
    }
  });

  it('of a job that nobody knows harms nobody', async () => {
    const { pool } = await aRunner();
    pool.say({ type: 'cancel', job: 'unknown', reason: 'stopped', graceMs: 0 });
    pool.say({ type: 'fenced', job: 'unknown' });
    pool.say({ type: 'finished', job: 'unknown' });
    pool.offer(aPayload());
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
  });
});

describe('a fenced job', () => {
  it('is ended and forgotten without a word', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch));
    const pid = Number(await written(join(scratch, 'pid')));
    pool.say({ type: 'fenced', job: JOB });
    await gone(pid);
    await runner.hasNoJobs();
    expect(pool.countOf('finish')).toBe(0);
  });

  it('is forgotten when its result is already there', async () => {
    const { pool, runner } = await aRunner();
    pool.isAcknowledging = false;
    pool.offer(aPayload());
    await pool.hears('finish');
    pool.say({ type: 'fenced', job: JOB });
    await runner.hasNoJobs();
  });
});
