import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobEnvironment } from '../../../cli/src/runner/environment.ts';
import { aJobFolder, runToEnd } from '../../support/cli/jobs.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const OWN = { PATH: process.env['PATH'], HOME: '/home/runner', LANG: 'C.UTF-8' };

/** The environment that the commands of a job really find. */
async function foundBy(
  environment: Record<string, string>,
  own: NodeJS.ProcessEnv = OWN,
): Promise<Map<string, string>> {
  const folder = await aJobFolder({ environment, commands: ['/usr/bin/env -0 > ../found'] });
  const { code, output } = await runToEnd(folder, own);
  expect(code, output).toBe(0);
  const entries = (await readFile(join(folder.path, 'found'), 'utf8')).split('\0').filter((entry) => entry !== '');
  return new Map(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const),
  );
}

describe('the environment of a job', () => {
  it('says which job it is', async () => {
    const folder = await aJobFolder();
    expect(jobEnvironment(folder, {})).toEqual({
      TERM: 'dumb',
      CI: 'true',
      MILLRACE_PIPELINE: 'shop',
      MILLRACE_EXECUTION_ID: 'exe_1',
      MILLRACE_EXECUTION_NUMBER: '7',
      MILLRACE_STAGE: 'Build',
      MILLRACE_ACTION: 'Make',
      MILLRACE_ATTEMPT: '1',
      MILLRACE_OUTPUT: folder.outputVariables,
    });
  });

  it('says where each input is: the first is the working directory, the others lie beside it', async () => {
    const inputs = ['source', 'my-tools', 'data_2'].map((name) => ({ name, digest, sizeBytes: 1 }));
    const folder = await aJobFolder({ inputs });
    expect(jobEnvironment(folder, {})).toMatchObject({
      MILLRACE_INPUT_source: folder.workspace,
      MILLRACE_INPUT_my_tools: folder.input('my-tools'),
      MILLRACE_INPUT_data_2: folder.input('data_2'),
    });
  });

  it('cannot pretend to be another job, and may replace what the runner passes on', async () => {
    const environment = { MILLRACE_PIPELINE: 'other', CI: 'no', PATH: '/opt/bin', TERM: 'xterm' };
    const found = jobEnvironment(await aJobFolder({ environment }), OWN);
    expect(found).toMatchObject({ MILLRACE_PIPELINE: 'shop', CI: 'true', PATH: '/opt/bin', TERM: 'xterm' });
  });

  it('has nothing of the runner but what every program needs', async () => {
    const secrets = {
      MILLRACE_TOKEN: 'runner token',
      MILLRACE_URL: 'https://millrace.example',
      AWS_SECRET_ACCESS_KEY: 'key',
      CLOUDFLARE_API_TOKEN: 'key',
      GITHUB_TOKEN: 'key',
      SSH_AUTH_SOCK: '/tmp/agent',
      NODE_OPTIONS: '--inspect',
      NPM_TOKEN: 'key',
    };
    const found = await foundBy({ OWN: '1' }, { ...OWN, ...secrets });
    for (const name of Object.keys(secrets)) expect([...found.keys()]).not.toContain(name);
    for (const value of Object.values(secrets)) expect([...found.values()]).not.toContain(value);
    expect(found.get('HOME')).toBe('/home/runner');
  });

  it('arrives exactly', async () => {
    const environment = {
      QUOTES: `it's "quoted" \\ and \`ticked\``,
      DOLLAR: '$HOME ${PATH} $(echo no) $$',
      LINES: '\nfirst\n\nlast\n',
      SPACES: '  two  ',
      UNICODE: 'grüße 🚀 日本語',
      EMPTY: '',
      EQUALS: 'a=b=c',
      GLOB: '* ? [a-z]',
      lower_case: '1',
    };
    const found = await foundBy(environment);
    expect(Object.fromEntries(Object.keys(environment).map((name) => [name, found.get(name)]))).toEqual(environment);
  });

  it('arrives whatever the variables are called, even if the supervisor has some of that name', async () => {
    const names = ['timeout', 'stat', 'job', 'code', 'watchdog', 'sleeping', 'supervisor', 'folder', 'path'];
    const environment = Object.fromEntries(names.map((name) => [name, `my ${name}`]));
    const found = await foundBy(environment);
    expect(Object.fromEntries(names.map((name) => [name, found.get(name)]))).toEqual(environment);
  });

  it('may have a PATH on which there is nothing', async () => {
    const found = await foundBy({ PATH: '/nowhere' });
    expect(found.get('PATH')).toBe('/nowhere');
  });

  it('arrives exactly, for any values', async () => {
    const name = fc.stringMatching(/^V[A-Za-z0-9_]{0,20}$/);
    const value = fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value, { minKeys: 10, maxKeys: 30 }), async (environment) => {
        const found = await foundBy(environment);
        for (const [key, expected] of Object.entries(environment)) expect(found.get(key)).toBe(expected);
      }),
      { numRuns: 10 },
    );
  });
});
