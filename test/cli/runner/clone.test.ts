import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JobClone } from '../../../contract/connections.ts';
import { cloneInto } from '../../../cli/src/runner/clone.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { GitServer } from '../../support/git-server.ts';

const run = promisify(execFile);
const MINUTE = 60_000;

describe('a repository that is cloned for a job', () => {
  let server: GitServer;
  let first: string;
  let second: string;
  beforeAll(async () => {
    server = await GitServer.start({ user: 'ci', password: 'hunter2' });
    first = await server.commit('shop', { branch: 'main', files: { 'a.txt': '1' }, message: 'One' });
    second = await server.commit('shop', { branch: 'main', files: { 'a.txt': '2' }, message: 'Two' });
    return () => server.stop();
  });
  const clone = async (of: Partial<JobClone> = {}): Promise<string> => {
    const folder = join(await aFolder(), 'workspace');
    const order = { url: server.url('shop'), user: 'ci', password: 'hunter2', commit: second, branch: 'main', ...of };
    await cloneInto(folder, order, MINUTE);
    return folder;
  };
  const git = async (folder: string, ...args: string[]) => (await run('git', ['-C', folder, ...args])).stdout.trim();

  it('has its history and stands on its branch', async () => {
    const folder = await clone();
    expect(await git(folder, 'log', '--format=%s')).toBe('Two\nOne');
    expect(await git(folder, 'branch', '--show-current')).toBe('main');
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('2');
  });

  it('stands at the commit that was fixed, not where the branch is by now', async () => {
    const folder = await clone({ commit: first });
    expect(await git(folder, 'rev-parse', 'HEAD')).toBe(first);
  });

  it('holds no credentials', async () => {
    const folder = await clone();
    for (const file of await readdir(join(folder, '.git'), { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      expect(text, file.name).not.toContain('hunter2');
      expect(text, file.name).not.toContain('credential');
    }
  });

  it('says what git said when it cannot be cloned, and asks nobody', async () => {
    await expect(clone({ password: 'wrong' })).rejects.toThrow(/git fetch: .*Authentication failed/s);
    await expect(clone({ commit: 'f'.repeat(40) })).rejects.toThrow(/git fetch: /);
    await expect(clone({ url: 'file:///etc' })).rejects.toThrow();
  });
});
