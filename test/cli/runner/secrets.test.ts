import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../../support/cli/folder.ts';
import { aPayload, withoutTitles } from '../../support/cli/jobs.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';
import { TestPool } from '../../support/cli/test-pool.ts';
import { problem } from '../../support/cli/test-server.ts';
import { untilTrue } from '../../support/cli/until.ts';
import { aWaitingJob, go } from '../../support/cli/waiting-job.ts';

const SECRET = `canary'7"<&> fé$(x)`;
const secrets = { TOKEN: 'the-token' };

describe('a job with secrets', () => {
  it('has them in its environment, and they leave the runner in no form', async () => {
    const { pool } = await aRunner();
    pool.secrets = { TOKEN: SECRET };
    const commands = [
      'printf "%s\\n" "$TOKEN"',
      'printf "%s" "$TOKEN" | base64',
      'printf "x%s" "$TOKEN" | base64',
      'printf "%s" "$TOKEN" | od -An -tx1 | tr -d " \\n"; echo',
      'printf "%.9s" "$TOKEN"; sleep 0.3; printf "%s\\n" "${TOKEN#?????????}"',
      'printf "OUT=[%s]\\n" "$TOKEN" >> "$MILLRACE_OUTPUT"',
      'echo "${#TOKEN} characters"',
    ];
    const payload = aPayload({ commands, secrets, outputVariables: ['OUT'] });
    pool.offer(payload);
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({ outcome: 'succeeded', variables: { OUT: '[***]' } });
    const log = pool.log(payload.job);
    await untilTrue('the log is complete', () => log.isComplete);
    const output = withoutTitles(log.bytes.toString());
    expect(output).toContain('characters');
    expect(output.split('\n')[0]).toBe('*'.repeat(Buffer.byteLength(SECRET)));
    const bytes = Buffer.from(SECRET);
    for (const form of [
      SECRET,
      bytes.toString('base64').slice(0, 12),
      bytes.toString('hex').slice(0, 12),
      'canary',
    ]) {
      expect(output).not.toContain(form);
    }
    expect(pool.secretsAsked).toBe(1);
  });

  it('keeps them off the disk, as long as the job does not write them', async () => {
    const { pool, runner } = await aRunner();
    pool.secrets = { TOKEN: SECRET };
    const scratch = await aFolder();
    pool.offer(aWaitingJob(scratch, { secrets }));
    await untilTrue('the job runs', async () => (await readdir(scratch)).includes('pid'));
    for (const file of await readdir(runner.stateDir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toContain('canary');
    }
    await go(scratch);
    await pool.hears('finish');
  });

  it('does not begin without them', async () => {
    const { pool } = await aRunner();
    const scratch = await aFolder();
    const detail = 'TOKEN: there is no secret "the-token" for this stage.';
    pool.secretsTroubles.push(problem(409, 'secret_unavailable', detail));
    pool.offer(aWaitingJob(scratch, { secrets }));
    const { result } = await pool.hears('finish');
    expect(result).toMatchObject({
      outcome: 'failed',
      code: 'ConfigurationError',
      message: `It cannot have its secrets: ${detail}`,
    });
    expect(await readdir(scratch)).toEqual([]);
  });

  it('waits for them when the server stumbles', async () => {
    const { pool } = await aRunner();
    pool.secrets = { TOKEN: SECRET };
    pool.secretsTroubles.push(problem(503, 'busy', 'Later.'));
    pool.offer(aPayload({ commands: ['test -n "$TOKEN"'], secrets }));
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
  });

  it('is masked by a runner that picks it up, too', async () => {
    const pool = await TestPool.start();
    const runner = await RunnerProcess.connected(pool);
    pool.secrets = { TOKEN: SECRET };
    const scratch = await aFolder();
    const payload = aWaitingJob(scratch, { secrets });
    pool.offer({ ...payload, commands: [...payload.commands, 'printf "%s\\n" "$TOKEN" "after"'] });
    await untilTrue('the job runs', async () => (await readdir(scratch)).includes('pid'));
    await runner.kill();
    await RunnerProcess.connected(pool, { stateDir: runner.stateDir });
    await go(scratch);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    const log = pool.log(payload.job);
    await untilTrue('the log is complete', () => log.isComplete);
    expect(log.bytes.toString()).toContain('after');
    expect(log.bytes.toString()).not.toContain('canary');
    expect(pool.secretsAsked).toBe(2);
  });
});

describe('a job with an identity', () => {
  const ask = 'printf "%s %s\\n" "$MILLRACE_ID_TOKEN_REQUEST_URL" "$MILLRACE_ID_TOKEN_REQUEST_TOKEN"';

  it('knows where to ask and with what, and nobody reads in its log what with', async () => {
    const { pool, runner } = await aRunner();
    pool.identity = 'mr_jid_canary-of-the-identity';
    const scratch = await aFolder();
    const waiting = aWaitingJob(scratch, { identity: true });
    const payload = {
      ...waiting,
      commands: [`printf "%s" "$MILLRACE_ID_TOKEN_REQUEST_TOKEN" > ${scratch}/seen`, ask, ...waiting.commands],
    };
    pool.offer(payload);
    await untilTrue('the job runs', async () => (await readdir(scratch)).includes('pid'));
    for (const file of await readdir(runner.stateDir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || file.name === 'output.log') continue;
      expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toContain('canary');
    }
    await go(scratch);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    const log = pool.log(payload.job);
    await untilTrue('the log is complete', () => log.isComplete);
    const output = withoutTitles(log.bytes.toString());
    expect(output).toContain(`${pool.server.url}/api/v1/job/id-token ${'*'.repeat(pool.identity.length)}`);
    expect(output).not.toContain('canary');
    expect(await readFile(join(scratch, 'seen'), 'utf8')).toBe(pool.identity);
  });

  it('is told in its log when its execution gets none', async () => {
    const { pool } = await aRunner();
    const payload = aPayload({ identity: true, commands: ['test -z "$MILLRACE_ID_TOKEN_REQUEST_TOKEN"'] });
    pool.offer(payload);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    const log = pool.log(payload.job);
    await untilTrue('the log is complete', () => log.isComplete);
    expect(log.bytes.toString()).toContain('This execution gets no identity');
  });

  it('has asked for it: no other job is given one', async () => {
    const { pool } = await aRunner();
    pool.identity = 'mr_jid_canary-of-the-identity';
    pool.secrets = { TOKEN: SECRET };
    pool.offer(aPayload({ secrets, commands: ['test -z "$MILLRACE_ID_TOKEN_REQUEST_TOKEN"'] }));
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
  });
});
