import { describe, expect, it } from 'vitest';
import { describeComparison } from '../../../cli/src/client/comparison.ts';
import { Comparison } from '../../../contract/compare.ts';
import { endOf, millrace } from '../../support/cli/runner-process.ts';
import { TestServer } from '../../support/cli/test-server.ts';

const side = {
  id: 'exe_1',
  number: 1,
  pipeline: 'shop',
  version: 3,
  status: 'Succeeded' as const,
  startedAt: '2026-01-05T09:00:00.000Z',
  endedAt: '2026-01-05T09:10:00.000Z',
};
const noDuration = { a: null, b: null, differenceMs: null };

const twins: Comparison = {
  a: side,
  b: { ...side, id: 'exe_2', number: 2 },
  duration: { a: 600_000, b: 600_400, differenceMs: 400 },
  variables: [],
  revisions: [],
  stages: [],
  artifacts: [{ name: 'app', a: 'sha256:1', b: 'sha256:1', isSame: true }],
  definition: [],
};

const different: Comparison = Comparison.parse({
  ...twins,
  b: { ...side, id: 'exe_2', number: 2, version: 4, status: 'Failed' },
  duration: { a: 600_000, b: 720_000, differenceMs: 120_000 },
  variables: [{ name: 'target', a: 'staging', b: null, isSame: false }],
  stages: [
    {
      name: 'Build',
      isSame: false,
      status: { a: 'Succeeded', b: 'Failed', isSame: false },
      duration: { a: 60_000, b: 30_000, differenceMs: -30_000 },
      actions: [
        {
          name: 'Make',
          isSame: false,
          status: { a: 'Succeeded', b: 'Failed', isSame: false },
          duration: noDuration,
          attempts: { a: 1, b: 3 },
          error: { a: null, b: 'exit 2', isSame: false },
          outputs: [],
        },
        {
          name: 'Lint',
          isSame: true,
          status: { a: 'Succeeded', b: 'Succeeded', isSame: true },
          duration: noDuration,
          attempts: { a: 1, b: 1 },
          error: { a: null, b: null, isSame: true },
          outputs: [],
        },
      ],
    },
  ],
  artifacts: [{ name: 'app', a: 'sha256:0123456789abcdef', b: null, isSame: false }],
  definition: [{ kind: 'removed', what: 'action', name: 'Test', path: 'stages[0].actions[1]' }],
} satisfies Comparison);

const TEXT = [
  'shop #1 (version 3, Succeeded) → shop #2 (version 4, Failed), 2 min longer',
  '',
  'Definition:',
  '  removed action Test at stages[0].actions[1]',
  '',
  'Variables:',
  '  target: staging → none',
  '',
  'Stages:',
  '  Build: Succeeded → Failed, 30 s shorter',
  '    Make: Succeeded → Failed, attempts 1 → 3, error none → exit 2',
  '',
  'Artifacts:',
  '  app: sha256:0123456789ab → none',
];

describe('describing how two executions differ', () => {
  it('says what is different and leaves out what is not', () => {
    expect(describeComparison(different)).toEqual(TEXT);
  });

  it('says so when nothing is', () => {
    expect(describeComparison(twins)).toEqual([
      'shop #1 (version 3, Succeeded) → shop #2 (version 3, Succeeded)',
      'Nothing else is different.',
    ]);
  });
});

it('millrace compare asks for both and prints the difference', async () => {
  const server = await TestServer.start({ answer: () => ({ status: 200, body: different }) });
  const env = { MILLRACE_URL: server.url, MILLRACE_TOKEN: 'the token' };
  const { code, output } = await endOf(millrace(['compare', 'exe_1', 'exe_2'], env));
  expect(code).toBe(0);
  expect(output.trimEnd().split('\n')).toEqual(TEXT);
  expect(server.asked.map(({ path }) => path)).toEqual(['/executions/exe_1/compare/exe_2']);
});
