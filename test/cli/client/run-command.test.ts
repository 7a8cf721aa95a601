import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ExecutionSummary, StartExecution } from '../../../contract/executions.ts';
import { unpack } from '../../../cli/src/runner/archive.ts';
import { anActionView, anExecutionView } from '../../support/cli/execution-view.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { type Ended, endOf, millrace } from '../../support/cli/runner-process.ts';
import { digestOf } from '../../support/cli/test-pool.ts';
import { aDeadUrl, type Answer, type Asked, problem, TestServer } from '../../support/cli/test-server.ts';

const DEFINITION = `
name: shop
stages:
  - { name: Source, actions: [{ name: Tree, type: Source/Upload, outputs: [tree] }] }
  - { name: Build, actions: [{ name: Make, inputs: [tree], commands: [make] }] }
`;

async function aProject(definition = DEFINITION): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'millrace.yaml'), definition);
  await writeFile(join(folder, 'bin', 'run'), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

async function run(
  cwd: string,
  server: Pick<TestServer, 'url'>,
  args: readonly string[] = [],
  env: Record<string, string> = { MILLRACE_URL: server.url, MILLRACE_TOKEN: 'the token' },
): Promise<Ended> {
  return endOf(millrace(['run', ...args], env, { cwd }));
}

/** A server that takes everything, and whose executions end at once. */
async function aServer(status: 'Succeeded' | 'Failed', refusal?: (asked: Asked) => Answer | undefined) {
  const error = { code: 'JobFailed', message: 'Exited with code 2.' };
  const action = anActionView('Make', status === 'Failed' ? { status, error } : { status });
  const view = anExecutionView(status, [action]);
  const about = { revision: null, revisionId: null, branch: null, origin: null };
  const summary: ExecutionSummary = { ...view, ...about, stage: 'Build', attention: null };
  return TestServer.start({
    answer: (asked) => {
      const refused = refusal?.(asked);
      if (refused !== undefined) return refused;
      if (asked.path === '/pipelines/shop/executions') return { status: 201, body: summary };
      if (asked.path === '/executions/exe_1') return { status: 200, body: view };
      if (asked.path.endsWith('/log')) return { status: 200, body: 'make: no rule\n' };
      return { status: 200, body: {} };
    },
    accept: () => (socket) => socket.send(JSON.stringify({ type: 'snapshot', seq: 1, execution: view })),
  });
}

describe('millrace run', () => {
  it('saves the definition, uploads the tree, starts the execution and tells how it went', async () => {
    const folder = await aProject();
    const server = await aServer('Succeeded');
    const args = ['--variable', 'A=1', 'B=x=y', '--variable', 'C=', '--reason', 'because'];
    const { code, output } = await run(join(folder, 'bin'), server, args);
    expect(output.split('\n').slice(0, -1)).toEqual([
      'Pipeline shop from ../millrace.yaml',
      expect.stringMatching(/^Uploading 2 files \(1 kB\): working tree$/),
      `Execution #7: ${server.url}/executions/exe_1`,
      '  Build/Make               Succeeded in 4.5 s',
      'Succeeded after 4.5 s',
    ]);
    expect(code).toBe(0);
    const [save, upload, start] = server.asked;
    expect(save).toMatchObject({ method: 'PUT', path: '/pipelines/shop', token: 'the token' });
    expect(save?.body.toString()).toBe(DEFINITION);
    expect(upload).toMatchObject({ method: 'PUT', path: '/sources/shop/Tree' });
    expect(upload?.query.get('summary')).toBe('working tree');
    expect(upload?.header('x-millrace-digest')).toBe(digestOf(upload?.body ?? Buffer.alloc(0)));
    expect(StartExecution.parse(JSON.parse(start?.body.toString() ?? ''))).toEqual({
      variables: { A: '1', B: 'x=y', C: '' },
      revisions: {},
      sourceRevisions: [],
      reason: 'because',
    });
    const archive = join(await aFolder(), 'tree.tar.gz');
    await writeFile(archive, upload?.body ?? '');
    const tree = join(await aFolder(), 'tree');
    await unpack(archive, tree);
    expect(await readFile(join(tree, 'bin', 'run'), 'utf8')).toBe('#!/bin/sh\n');
  });

  it('fails with the execution, and shows why', async () => {
    const { code, output } = await run(await aProject(), await aServer('Failed'));
    expect(code).toBe(1);
    expect(output).toContain('Build/Make               Failed: Exited with code 2.');
    expect(output).toContain('Build/Make, last lines:\nmake: no rule\n');
  });

  it('leaves at once when it is to detach', async () => {
    const server = await aServer('Failed');
    const { code, output } = await run(await aProject(), server, ['--detach']);
    expect(code).toBe(0);
    expect(output.trimEnd().split('\n').at(-1)).toBe(`Execution #7: ${server.url}/executions/exe_1`);
  });

  it('uploads nothing for a pipeline that takes no upload', async () => {
    const folder = await aProject('name: shop\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]\n');
    const server = await aServer('Succeeded');
    expect((await run(folder, server)).code).toBe(0);
    expect(server.asked.some(({ path }) => path.startsWith('/sources/'))).toBe(false);
  });
});

describe('what goes wrong with millrace run', () => {
  it('is said in the words of the server, with each place that is wrong on a line of its own', async () => {
    const errors = [
      { path: 'stages[1].actions[0].pool', message: 'There is no pool "gpu".' },
      { path: 'variables[0].default', message: 'is missing.' },
    ];
    const server = await aServer('Succeeded', ({ path }) =>
      path === '/pipelines/shop'
        ? problem(422, 'definition_invalid', 'The definition of "shop" has 2 problems.', errors)
        : undefined,
    );
    const { code, output } = await run(await aProject(), server);
    expect(code).toBe(1);
    expect(output).toBe(
      [
        'Pipeline shop from millrace.yaml',
        'millrace: The definition of "shop" has 2 problems.',
        '  stages[1].actions[0].pool: There is no pool "gpu".',
        '  variables[0].default: is missing.',
        '',
      ].join('\n'),
    );
  });

  it('is a token that is not valid', async () => {
    const server = await aServer('Succeeded', () => problem(401, 'unauthenticated', 'The token is not valid here.'));
    const { code, output } = await run(await aProject(), server);
    expect(code).toBe(1);
    expect(output).toMatch(/\nmillrace: The token is not valid here\.\n$/);
  });

  it('is a server that is not there', async () => {
    const url = await aDeadUrl();
    const { code, output } = await run(await aProject(), { url });
    expect(code).toBe(1);
    expect(output.split('\n').at(-2)).toContain(`millrace: ${url} cannot be reached: connect ECONNREFUSED`);
  });

  it.each<[string, readonly string[], Record<string, string> | undefined, string]>([
    [
      'a server that nobody knows',
      [],
      {},
      'No server known. Give --url and --token, set MILLRACE_URL and MILLRACE_TOKEN, or npm start one here.',
    ],
    ['a variable without a value', ['--detach', '--variable', 'A'], undefined, '--variable A: must be name=value.'],
  ])('is %s', async (_, args, env, message) => {
    const { code, output } = await run(await aProject(), await aServer('Succeeded'), args, env);
    expect(code).toBe(1);
    expect(output.trimEnd().split('\n').at(-1)).toBe(`millrace: ${message}`);
  });

  it('is a definition that is not one, before anything is asked of the server', async () => {
    const server = await aServer('Succeeded');
    const { code, output } = await run(await aProject('name: shop\n'), server);
    expect(code).toBe(1);
    expect(output).toBe('millrace: millrace.yaml is not a valid definition:\n  stages: is missing.\n');
    expect(server.asked).toEqual([]);
  });

  it('is a variable that is not one, before anything is asked of the server', async () => {
    const server = await aServer('Succeeded');
    expect((await run(await aProject(), server, ['--variable', 'A'])).code).toBe(1);
    expect(server.asked).toEqual([]);
  });
});
