import { describe, expect, it } from 'vitest';
import { duration, explain } from '../../../cli/src/client/explain.ts';
import { ExecutionWhy, type Reason } from '../../../contract/why.ts';
import { endOf, millrace } from '../../support/cli/runner-process.ts';
import { problem, TestServer } from '../../support/cli/test-server.ts';

const AT = '2026-01-05T09:10:00.000Z';

function aReason(overrides: Partial<Reason>): Reason {
  return {
    kind: 'AwaitingAdmission',
    subject: { type: 'stage', execution: 'exe_2', stage: 'Deploy' },
    owner: 'pipeline',
    message: 'It waits to be let into Deploy.',
    holder: null,
    place: null,
    since: '2026-01-05T09:00:00.000Z',
    deadline: '2026-02-04T09:00:00.000Z',
    checkAt: null,
    until: 'The pipeline lets it in.',
    may: [],
    because: [],
    ...overrides,
  };
}

const approval = aReason({
  kind: 'AwaitingApproval',
  owner: 'person',
  message: 'Ask waits for an approval.',
  until: 'Somebody approves or rejects.',
  deadline: '2026-01-05T11:10:30.000Z',
  may: [{ what: 'Approve or reject', who: 'role:owner', call: 'POST /executions/exe_1/approvals/Deploy/Ask' }],
});

const answer: ExecutionWhy = ExecutionWhy.parse({
  execution: { id: 'exe_2', number: 2, pipeline: 'shop', status: 'InProgress' },
  at: AT,
  reasons: [
    aReason({
      because: [aReason({ kind: 'StageHeld', message: 'Execution 1 is in Deploy.', place: 2, because: [approval] })],
    }),
  ],
});

const TEXT = [
  'shop #2 is InProgress.',
  '  It waits to be let into Deploy. [for 10 min, ends by itself in 29 d 23 h]',
  '    Execution 1 is in Deploy. [place 2 in the queue, for 10 min, ends by itself in 29 d 23 h]',
  '      Ask waits for an approval. [for 10 min, ends by itself in 2 h]',
  '        - until: Somebody approves or rejects.',
  '        - Approve or reject: role:owner (POST /executions/exe_1/approvals/Deploy/Ask)',
];

describe('explaining why an execution waits', () => {
  it('puts what holds something up below it, with times as they pass for people', () => {
    expect(explain(answer)).toEqual(TEXT);
  });

  it('says that an execution which has ended waits for nothing', () => {
    const over = { ...answer, execution: { ...answer.execution, status: 'Failed' as const }, reasons: [] };
    expect(explain(over)).toEqual(['shop #2 waits for nothing: it is Failed.']);
  });

  it.each([
    [400, 'less than 1 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('millrace why', () => {
  async function why(args: readonly string[]) {
    const server = await TestServer.start({
      answer: ({ path }) =>
        path.startsWith('/executions/exe_2/')
          ? { status: 200, body: answer }
          : problem(404, 'execution_not_found', 'There is no execution "x".'),
    });
    const env = { MILLRACE_URL: server.url, MILLRACE_TOKEN: 'the token' };
    return { ...(await endOf(millrace(['why', ...args], env))), asked: server.asked.map(({ path }) => path) };
  }

  it('prints the chain', async () => {
    const { code, output, asked } = await why(['exe_2']);
    expect(code).toBe(0);
    expect(output.trimEnd().split('\n')).toEqual(TEXT);
    expect(asked).toEqual(['/executions/exe_2/why']);
  });

  it('asks about one action, and prints what it heard as JSON', async () => {
    const { output, asked } = await why(['exe_2', '--stage', 'Go live', '--action', 'Ask', '--json']);
    expect(asked).toEqual(['/executions/exe_2/actions/Go%20live/Ask/why']);
    expect(JSON.parse(output)).toEqual(answer);
  });

  it('fails with what the server says', async () => {
    const { code, output } = await why(['x']);
    expect(code).toBe(1);
    expect(output).toContain('There is no execution "x".');
  });
});
