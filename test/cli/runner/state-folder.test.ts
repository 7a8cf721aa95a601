import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestPool } from '../../support/cli/test-pool.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aRunner, RunnerProcess } from '../../support/cli/runner-process.ts';

describe('a state folder', () => {
  it('serves one runner at a time, and the second is told so in one sentence', async () => {
    const { pool, runner } = await aRunner();
    const second = await RunnerProcess.start(pool, { stateDir: runner.stateDir });
    expect(await second.expectEnd()).toEqual({
      code: 1,
      signal: null,
      output: `millrace: Another runner (process ${runner.pid}) uses ${runner.stateDir}. Stop it, or choose another --state folder.\n`,
    });
    expect(pool.connections).toBe(1);
  });

  it('is free again when the runner was killed, even if somebody else has its number now', async () => {
    const { pool, runner } = await aRunner();
    await runner.kill();
    await writeFile(join(runner.stateDir, 'runner.pid'), `${process.pid} 1`);
    await RunnerProcess.connected(pool, { stateDir: runner.stateDir });
    expect(pool.connections).toBe(2);
  });

  it('is made when there is none, also behind a link', async () => {
    const pool = await TestPool.start();
    const root = await aFolder();
    await mkdir(join(root, 'real'));
    await symlink('real', join(root, 'link'));
    await RunnerProcess.connected(pool, { stateDir: join(root, 'link', 'new', 'state') });
    expect(existsSync(join(root, 'real', 'new', 'state', 'identity'))).toBe(true);
  });
});

describe('the command', () => {
  it.each([
    [['--slots', '0'], 'Give a number from 1 to 64.'],
    [['--slots', 'many'], 'Give a number from 1 to 64.'],
    [['--slot'], `unknown option '--slot'`],
  ])('refuses %j in one sentence', async (args, message) => {
    const pool = await TestPool.start();
    const { code, output } = await (await RunnerProcess.start(pool, { args })).expectEnd();
    expect(code).toBe(1);
    expect(output.split('\n')[0]).toContain(message);
  });
});
