import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseOutputVariables } from '../../../cli/src/runner/output-variables.ts';
import { gitCommands } from '../../../worker/engine/git-source.ts';
import type { Pin } from '../../../worker/engine/model.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { GitServer } from '../../support/git-server.ts';

const run = promisify(execFile);
const MESSAGE = 'Brew coffee\n\nCommitId=forged\n"quoted" $(touch hacked)';

/** What the supervisor would do with the commands, without the rest of it. */
async function fetched(
  configuration: Readonly<Record<string, string>>,
  { pin, secrets = {} }: { pin?: Pin; secrets?: Readonly<Record<string, string>> } = {},
) {
  const folder = await aFolder();
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  const { commands, environment } = gitCommands(configuration, pin);
  const output = join(folder, 'output');
  await writeFile(output, '');
  const env = { PATH: process.env['PATH'], HOME: folder, MILLRACE_OUTPUT: output, ...environment, ...secrets };
  const { stdout, stderr } = await run('/bin/sh', ['-c', commands.join('\n')], { cwd: workspace, env });
  const parsed = parseOutputVariables(await readFile(output, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.message);
  return { variables: parsed.variables, workspace, said: stdout + stderr };
}

describe('a source that a runner fetches with git', () => {
  let server: GitServer;
  let first: string;
  let second: string;
  beforeAll(async () => {
    server = await GitServer.start({ user: 'ci', password: 'hunter2' });
    first = await server.commit('shop', { branch: 'main', files: { 'a.txt': '1' }, message: 'One' });
    second = await server.commit('shop', { branch: 'main', files: { 'a.txt': '2' }, message: MESSAGE });
    await server.commit('shop', { branch: 'other', files: { 'b.txt': '3' }, message: 'Three' });
    return () => server.stop();
  });
  const secrets = { GIT_USERNAME: 'ci', GIT_PASSWORD: 'hunter2' };
  const url = () => server.url('shop');

  it('is the tip of the branch, without its history, and says what CodePipeline would', async () => {
    const { variables, workspace, said } = await fetched({ Url: url(), BranchName: 'main' }, { secrets });
    expect(variables).toEqual({
      CommitId: second,
      BranchName: 'main',
      CommitMessage: MESSAGE,
      AuthorDate: '2026-05-01T12:00:00Z',
      CommitterDate: '2026-05-01T12:00:00Z',
    });
    expect(await readFile(join(workspace, 'a.txt'), 'utf8')).toBe('2');
    await expect(readFile(join(workspace, '.git/config'))).rejects.toThrow('ENOENT');
    await expect(readFile(join(workspace, 'hacked'))).rejects.toThrow('ENOENT');
    expect(said).not.toContain('hunter2');
  });

  it('is the default branch where none is named', async () => {
    expect((await fetched({ Url: url() }, { secrets })).variables).toMatchObject({ BranchName: 'main' });
  });

  it('is the commit that was pinned, also when the branch has moved on', async () => {
    const pin: Pin = { type: 'COMMIT_ID', value: first, branch: 'main' };
    const { variables, workspace } = await fetched({ Url: url() }, { pin, secrets });
    expect(variables).toMatchObject({ CommitId: first, CommitMessage: 'One' });
    expect(await readFile(join(workspace, 'a.txt'), 'utf8')).toBe('1');
  });

  it('brings its history where that is asked for, but no password', async () => {
    const configuration = { Url: url(), BranchName: 'main', OutputArtifactFormat: 'CLONE_REF' };
    const { workspace } = await fetched(configuration, { secrets });
    const { stdout } = await run('git', ['-C', workspace, 'rev-list', '--count', 'HEAD']);
    expect(stdout.trim()).toBe('2');
    const config = await readFile(join(workspace, '.git/config'), 'utf8');
    expect(config).not.toContain('hunter2');
    expect(config).not.toContain('helper');
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['a wrong password', { GIT_USERNAME: 'ci', GIT_PASSWORD: 'wrong' }, /Authentication failed/],
    ['no password', {}, /could not read Username|terminal prompts disabled/],
  ])('fails with %s instead of asking somebody', async (_, wrong, message) => {
    await expect(fetched({ Url: url(), BranchName: 'main' }, { secrets: wrong })).rejects.toThrow(message);
  });

  it.each<[string, Readonly<Record<string, string>>, Partial<Pin>]>([
    ['a branch that is an option', { BranchName: '--upload-pack=touch hacked' }, {}],
    ['a commit that is an option', { BranchName: 'main' }, { value: '--upload-pack=touch hacked' }],
    ['a file on the runner', { Url: 'file:///etc' }, {}],
    ['a helper program', { Url: 'ext::sh -c touch% hacked' }, {}],
  ])('refuses %s', async (_, configuration, pin) => {
    const order = { type: 'COMMIT_ID' as const, value: '', ...pin };
    await expect(fetched({ Url: url(), ...configuration }, { pin: order, secrets })).rejects.toThrow();
  });
});
