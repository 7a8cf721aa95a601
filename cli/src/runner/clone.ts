import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { JobClone } from '../../../contract/connections.ts';

const run = promisify(execFile);
const OUTPUT_MAX_BYTES = 1024 * 1024;
const SAID_MAX = 500;

/**
 * Clones a repository with all of its history into `folder`, at one commit. The credentials are git's alone: they are in the environment
 * of its processes, for this one host, and not in what is cloned; the job never has them.
 */
export async function cloneInto(
  folder: string,
  { url, user, password, commit, branch }: JobClone,
  timeoutMs: number,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { origin, protocol } = new URL(url);
  const helper = '!f() { echo "username=$MILLRACE_GIT_USER"; echo "password=$MILLRACE_GIT_PASSWORD"; }; f';
  const env = {
    PATH: process.env['PATH'],
    // Whatever whoever runs this runner has set up for themselves is none of the job's business.
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocol.slice(0, -1),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `credential.${origin}.helper`,
    GIT_CONFIG_VALUE_0: helper,
    MILLRACE_GIT_USER: user,
    MILLRACE_GIT_PASSWORD: password,
  };
  const git = async (...args: readonly string[]): Promise<void> => {
    try {
      await run('git', ['-C', folder, ...args], { env, timeout: timeoutMs, maxBuffer: OUTPUT_MAX_BYTES });
    } catch (error) {
      const said = (error as { readonly stderr?: string }).stderr?.trim() ?? String(error);
      throw new Error(`git ${args[0] ?? ''}: ${said.slice(0, SAID_MAX)}`, { cause: error });
    }
  };
  await git('init', '--quiet');
  await git('remote', 'add', '--', 'origin', url);
  await git('fetch', '--quiet', '--tags', '--', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  const at = branch === undefined ? ['--detach'] : ['--force', '-B', branch];
  try {
    await git('checkout', '--quiet', ...at, commit);
  } catch {
    // Of a pull request: in no branch of the repository itself.
    await git('fetch', '--quiet', '--', 'origin', commit);
    await git('checkout', '--quiet', '--detach', commit);
  }
}
