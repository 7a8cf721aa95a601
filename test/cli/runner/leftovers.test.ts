import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestPool } from '../../support/cli/test-pool.ts';
import type { JobPayload } from '../../../contract/runner-protocol.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload } from '../../support/cli/jobs.ts';
import { aWaitingJob, go } from '../../support/cli/waiting-job.ts';
import { isRunning } from '../../support/cli/processes.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';
import { problem } from '../../support/cli/test-server.ts';
import { untilTrue, written } from '../../support/cli/until.ts';

const JOB = aPayload().job;

describe('what a job leaves behind', () => {
  it.each<[string, Partial<JobPayload>, string]>([
    [
      'output variables that cannot be read',
      { commands: ['echo nonsense >> "$MILLRACE_OUTPUT"'] },
      '$MILLRACE_OUTPUT, line 1: not NAME=value.',
    ],
    [
      'a variable with a name that is too long',
      { commands: [`echo ${'N'.repeat(129)}=1 >> "$MILLRACE_OUTPUT"`] },
      '$MILLRACE_OUTPUT, line 1: the name has more than 128 characters.',
    ],
    ['no file for output variables', { commands: ['rm "$MILLRACE_OUTPUT"'] }, '$MILLRACE_OUTPUT cannot be read: '],
    [
      'no file for an artifact',
      { outputs: [{ name: 'app', files: ['dist/**', '*.exe'] }] },
      'The artifact "app": no file matches dist/**, *.exe.',
    ],
    [
      'no workspace for an artifact',
      { commands: ['rm -r "$PWD"'], outputs: [{ name: 'app', files: ['*'] }] },
      'The artifact "app": no file matches *.',
    ],
    [
      'a link out of an artifact',
      { commands: ['ln -s /etc etc'], outputs: [{ name: 'app', files: [] }] },
      'The artifact "app": etc is a link that leads out of it, to /etc.',
    ],
  ])('makes it fail with a clear word when it is %s', async (_, payload, message) => {
    const { pool, runner } = await aRunner();
    pool.offer(aPayload(payload));
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({ outcome: 'failed', code: 'JobFailed', exitCode: 0 });
    expect(result.message).toContain(message);
    expect(await pool.log(JOB).complete()).toContain(message);
    await runner.hasNoJobs();
  });

  it('is uploaded again when the server was not well', async () => {
    const { pool } = await aRunner();
    pool.troubles.push(problem(503, 'busy', 'Try again.'), problem(500, 'internal', 'Oh.'));
    pool.offer(aPayload({ commands: ['echo x > x'], outputs: [{ name: 'x', files: ['x'] }] }));
    const { result } = await pool.hears('finish');
    expect(result.outcome).toBe('succeeded');
    expect([...pool.artifacts.keys()]).toEqual([result.artifacts[0]?.digest]);
  });

  it('is not uploaded again when the server will not have it', async () => {
    const { pool } = await aRunner();
    pool.troubles.push(problem(413, 'artifact_too_large', 'It is larger than 5 GiB.'));
    pool.offer(aPayload({ commands: ['echo x > x'], outputs: [{ name: 'x', files: ['x'] }] }));
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({
      outcome: 'failed',
      code: 'SystemUnavailable',
      message: 'The artifact "x" could not be uploaded: It is larger than 5 GiB.',
    });
    expect(pool.artifacts.size).toBe(0);
  });

  it('is taken to the end even if a process of its own stays and goes on talking', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    const chatter = `echo $$ > ${scratch}/chatter; i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo chatter; sleep 0.002; done`;
    pool.logRefusal = 503;
    pool.offer(
      aPayload({
        commands: [
          `setsid sh -c '${chatter}' &`,
          `while [ ! -s ${scratch}/chatter ]; do sleep 0.01; done`,
          'echo bye',
        ],
      }),
    );
    await pool.hears('finish');
    const pid = Number(await written(join(scratch, 'chatter')));
    const { size } = await stat(join(await runner.jobFolder(), 'output.log'));
    await untilTrue(
      'more chatter',
      async () => (await stat(join(await runner.jobFolder(), 'output.log'))).size > size,
    );
    pool.logRefusal = undefined;
    await runner.hasNoJobs();
    expect(await isRunning(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    expect(await pool.log(JOB).complete()).toContain('bye\n');
  });

  it('goes, even folders that are made read-only', async () => {
    const pool = await TestPool.start();
    // For root there is no such thing as read-only.
    const runner = await RunnerProcess.connected(pool, { isUnprivileged: true });
    pool.offer(aPayload({ commands: ['mkdir -p mod/cache; touch mod/cache/file; chmod -R a-w mod'] }));
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    await runner.hasNoJobs();
  });

  it('stays if it must, and nothing waits for it', async () => {
    const pool = await TestPool.start();
    const runner = await RunnerProcess.connected(pool, { isUnprivileged: true });
    const scratch = await aFolder();
    await chmod(scratch, 0o777);
    pool.offer(aWaitingJob(scratch));
    await written(join(scratch, 'pid'));
    // As containers leave it: a folder of somebody else's in the workspace.
    const foreign = join(await runner.jobFolder(), 'workspace', 'foreign');
    await mkdir(join(foreign, 'deep'), { recursive: true });
    await go(scratch);
    await pool.hears('finish');
    runner.signal('SIGTERM');
    const { code, output } = await runner.ended;
    expect(code).toBe(0);
    expect(output).toContain('its end; its folder stays: ');
  });
});
