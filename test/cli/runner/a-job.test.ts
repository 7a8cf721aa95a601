import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RUNNER_PROTOCOL } from '../../../contract/runner-protocol.ts';
import { unpack } from '../../../cli/src/runner/archive.ts';
import { anArtifact, TestPool } from '../../support/cli/test-pool.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload, withoutTitles } from '../../support/cli/jobs.ts';
import { aWaitingJob, go, runs } from '../../support/cli/waiting-job.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';
import { untilTrue } from '../../support/cli/until.ts';

const JOB = aPayload().job;

describe('a runner', () => {
  it('says who it is, and is the same one after a restart', async () => {
    const pool = await TestPool.start();
    const args = ['--labels', 'linux,gpu', '--slots', '3'];
    const runner = await RunnerProcess.start(pool, { args });
    const hello = await pool.hears('hello');
    expect(hello).toMatchObject({ protocol: RUNNER_PROTOCOL, jobs: [] });
    expect(hello.runner).toMatchObject({ name: 'test', os: 'linux', labels: ['linux', 'gpu'], slots: 3 });
    await runner.kill();
    await RunnerProcess.start(pool, { args, stateDir: runner.stateDir });
    expect((await pool.hears('hello')).runner).toEqual(hello.runner);
  });

  it('makes itself another identity when a crash has torn the one it had', async () => {
    const pool = await TestPool.start();
    const stateDir = await aFolder();
    await writeFile(join(stateDir, 'identity'), '');
    await RunnerProcess.start(pool, { stateDir });
    expect((await pool.hears('hello')).runner.id).toHaveLength(36);
  });

  it('carries a job from its offer to its end, and keeps nothing', async () => {
    const { pool, runner } = await aRunner();
    const inputs = [
      await anArtifact(pool, 'source', { 'app.txt': 'the app' }),
      await anArtifact(pool, 'tools', { 'tool.sh': 'echo "made with a tool"' }),
    ];
    const commands = [
      'echo "$GREETING from $MILLRACE_ACTION"',
      'cat app.txt; echo',
      'sh "$MILLRACE_INPUT_tools/tool.sh" > made.txt',
      'echo "SIZE=$(wc -c < made.txt)" >> "$MILLRACE_OUTPUT"',
      `printf 'no line end'`,
    ];
    const outputs = [
      { name: 'made', files: ['made.*'] },
      { name: 'all', files: [] },
    ];
    pool.offer(aPayload({ commands, inputs, outputs, environment: { GREETING: 'Hi' }, outputVariables: ['SIZE'] }));
    await pool.hears('claim', ({ job }) => job === JOB);
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0, message: '', variables: { SIZE: '17' } });
    expect(result.artifacts.map(({ name }) => name)).toEqual(['made', 'all']);
    const folder = await aFolder();
    for (const { name, digest, sizeBytes } of result.artifacts) {
      const bytes = pool.artifacts.get(digest) ?? Buffer.alloc(0);
      expect(bytes.byteLength).toBe(sizeBytes);
      await writeFile(join(folder, `${name}.tar.gz`), bytes);
      await unpack(join(folder, `${name}.tar.gz`), join(folder, name));
    }
    expect(await readFile(join(folder, 'made', 'made.txt'), 'utf8')).toBe('made with a tool\n');
    expect(await readFile(join(folder, 'all', 'app.txt'), 'utf8')).toBe('the app');
    expect(withoutTitles(await pool.log(JOB).complete())).toBe('Hi from Make\nthe app\nno line end');
    await runner.hasNoJobs();
  });

  it('tells the exit code of a job that fails', async () => {
    const { pool, runner } = await aRunner();
    pool.offer(aPayload({ commands: ['echo no', 'exit 3'] }));
    expect((await pool.hears('finish')).result).toMatchObject({
      outcome: 'failed',
      code: 'JobFailed',
      exitCode: 3,
      message: 'Exited with code 3.',
    });
    await runner.hasNoJobs();
  });

  it('tells when a job ran out of time', async () => {
    const { pool } = await aRunner();
    pool.offer(aPayload({ commands: ['sleep 1000'], timeoutMs: 900 }));
    expect((await pool.hears('finish')).result).toMatchObject({
      outcome: 'failed',
      code: 'TimedOut',
      message: 'Timed out after 1 s.',
    });
  });

  it('lets nothing of its own environment through to a job', async () => {
    const pool = await TestPool.start();
    const env = { AWS_SECRET_ACCESS_KEY: 'the secret key', MILLRACE_URL: 'https://millrace.example' };
    await RunnerProcess.connected(pool, { env });
    pool.offer(aPayload({ commands: ['env'] }));
    const output = await pool.log(JOB).complete();
    expect(output).toContain('MILLRACE_EXECUTION_ID=exe_1');
    for (const secret of [pool.server.token, 'MILLRACE_TOKEN', 'the secret key', 'millrace.example']) {
      expect(output).not.toContain(secret);
    }
  });

  it('claims no more than it has slots for', async () => {
    const { pool } = await aRunner(['--slots', '2']);
    const scratch = await aFolder();
    for (const number of [1, 2, 3]) pool.offer(aWaitingJob(scratch, { job: `exe:S/a:${number}` }));
    await untilTrue('two runs', async () => existsSync(join(scratch, 'ran')) && (await runs(scratch)) === 2);
    expect(pool.countOf('claim')).toBe(2);
    await go(scratch);
    await pool.hears('finish');
    pool.offer(aPayload({ job: 'exe:S/a:4' }));
    await pool.hears('claim', ({ job }) => job === 'exe:S/a:4');
  });

  it('forgets a claim that came too late', async () => {
    const { pool, runner } = await aRunner(['--slots', '1']);
    pool.say({ type: 'offer', job: 'gone already' });
    await pool.hears('claim');
    pool.offer(aPayload());
    expect((await pool.hears('finish')).job).toBe(JOB);
    await runner.hasNoJobs();
  });

  it('does not mind what a newer server may say', async () => {
    const { pool } = await aRunner();
    pool.sayAnything({ type: 'compliment', text: 'well done' });
    pool.sayAnything('what is this');
    pool.offer(aPayload());
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
  });
});
