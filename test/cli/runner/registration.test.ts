import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunnerProcess } from '../../support/cli/runner-process.ts';
import { REGISTERED_AS, REGISTRATION_TOKEN, TestPool } from '../../support/cli/test-pool.ts';

const args = ['--registration-token', REGISTRATION_TOKEN];

describe('a registration token', () => {
  it('is used once; the runner keeps what it got to itself, and is the same runner after a restart', async () => {
    const pool = await TestPool.start();
    const runner = await RunnerProcess.start(pool, { args });
    expect((await pool.hears('hello')).runner.id).toBe(REGISTERED_AS);
    const file = join(runner.stateDir, 'registration.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain(REGISTRATION_TOKEN);
    await runner.kill();
    await RunnerProcess.start(pool, { args, stateDir: runner.stateDir });
    expect((await pool.hears('hello')).runner.id).toBe(REGISTERED_AS);
    expect(pool.registrations).toBe(1);
  });

  it('that has been used ends the runner with what the server said, and leaves nothing behind', async () => {
    const pool = await TestPool.start();
    pool.registrations = 1;
    const runner = await RunnerProcess.start(pool, { args });
    expect(await runner.expectEnd()).toMatchObject({
      code: 1,
      output: 'millrace: This registration token has been used already.\n',
    });
    await expect(stat(join(runner.stateDir, 'registration.json'))).rejects.toThrow('ENOENT');
  });
});

describe('a registered runner', () => {
  it('that is refused says how it is registered anew', async () => {
    const pool = await TestPool.start();
    pool.refusal = 401;
    const runner = await RunnerProcess.start(pool, { args });
    expect((await runner.expectEnd()).output).toContain(`remove ${join(runner.stateDir, 'registration.json')}`);
  });

  it('whose token is for another one does not try again', async () => {
    const pool = await TestPool.start();
    const runner = await RunnerProcess.connected(pool, { args });
    pool.close(4003, 'another runner');
    expect((await runner.expectEnd()).output).toContain('The token is for another runner.');
    expect(pool.connections).toBe(1);
  });
});
