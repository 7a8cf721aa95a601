import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../support/cli/test-pool.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload } from '../../support/cli/jobs.ts';
import { aWaitingJob } from '../../support/cli/waiting-job.ts';
import { aRunner } from '../../support/cli/runner-process.ts';
import { aTarball } from '../../support/cli/tarball.ts';

const JOB = aPayload().job;

describe('the inputs of a job', () => {
  const digest = `sha256:${'0'.repeat(64)}`;

  it('are fetched before anything runs: without them, nothing does', async () => {
    const { pool, runner } = await aRunner();
    const inputs = [{ name: 'source', digest, sizeBytes: 1 }];
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch, { inputs }));
    expect((await pool.hears('finish')).result).toMatchObject({
      outcome: 'failed',
      code: 'RevisionUnavailable',
      exitCode: null,
      message: `Its inputs could not be fetched: There is no artifact ${digest}.`,
    });
    expect(await pool.log(JOB).complete()).toContain('Its inputs could not be fetched');
    await runner.hasNoJobs();
    expect(existsSync(join(scratch, 'ran'))).toBe(false);
  });

  it('are refused when they are not what their digest says', async () => {
    const { pool } = await aRunner();
    pool.artifacts.set(digest, Buffer.from('something else'));
    pool.offer(aPayload({ inputs: [{ name: 'source', digest, sizeBytes: 14 }] }));
    const { result } = await pool.hears('finish');
    expect(result.outcome).toBe('failed');
    expect(result.message).toContain(`The artifact ${digest} arrived as sha256:`);
  });

  it('are refused when they would not stay in their folder', async () => {
    const { pool, runner } = await aRunner();
    const file = await aTarball(join(await aFolder(), 'evil.tar.gz'), [{ path: '../../outside', text: 'x' }]);
    const bytes = await readFile(file);
    pool.artifacts.set(digestOf(bytes), bytes);
    pool.offer(aPayload({ inputs: [{ name: 'source', digest: digestOf(bytes), sizeBytes: bytes.byteLength }] }));
    const { result } = await pool.hears('finish');
    expect(result.outcome).toBe('failed');
    expect(result.message).toContain(`path contains '..'`);
    await runner.hasNoJobs();
    expect(existsSync(join(runner.stateDir, 'outside'))).toBe(false);
  });
});

describe('a job that cannot be started', () => {
  it.each([
    ['a zero byte in its environment', { environment: { A: 'a\0b' } }],
    ['more environment than the system takes', { environment: { A: 'x'.repeat(200_000) } }],
  ])('fails with a clear word for %s', async (_, payload) => {
    const { pool, runner } = await aRunner();
    pool.offer(aPayload(payload));
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({ outcome: 'failed', code: 'ConfigurationError', exitCode: null });
    expect(result.message).toMatch(/^It could not be started: /);
    await runner.hasNoJobs();
  });
});
