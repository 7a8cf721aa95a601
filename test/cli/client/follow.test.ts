import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import type { ActionView, ExecutionView } from '../../../contract/executions.ts';
import { ExecutionLiveMessage } from '../../../contract/live-feed.ts';
import { Client } from '../../../cli/src/client/client.ts';
import { follow } from '../../../cli/src/client/follow.ts';
import { anActionView, anExecutionView } from '../../support/cli/execution-view.ts';
import { type Answer, problem, TestServer } from '../../support/cli/test-server.ts';

const PAGE = 'https://millrace.example/executions/exe_1';

function snapshot(execution: ExecutionView): ExecutionLiveMessage {
  return { type: 'snapshot', seq: 1, execution };
}

function turn(execution: ExecutionView, ...actions: readonly ActionView[]): ExecutionLiveMessage {
  const { stages: _, ...rest } = execution;
  return {
    type: 'turn',
    seq: 2,
    events: [],
    execution: rest,
    stages: [],
    actions: actions.map((action) => ({ stage: 'Build', action })),
  };
}

/** Each connection to the feed says its messages and ends, the last one included. */
async function feedOf(connections: readonly (readonly ExecutionLiveMessage[])[], end: ExecutionView, log = '') {
  let connection = 0;
  const server = await TestServer.start({
    answer: ({ path }): Answer => {
      if (path === '/executions/exe_1') return { status: 200, body: end };
      return path === '/executions/exe_1/actions/Build/Make%20it/log' ? { status: 200, body: log } : { status: 404 };
    },
    accept: () => (socket: WebSocket) => {
      for (const message of connections[connection] ?? []) {
        socket.send(JSON.stringify(ExecutionLiveMessage.parse(message)));
      }
      connection += 1;
      socket.close(1000, 'the end');
    },
  });
  return new Client({ url: server.url, token: 'token' });
}

const running = anExecutionView('InProgress', [anActionView('Make', { activity: 'Running', runner: 'builder' })]);
const done = anActionView('Make', { status: 'Succeeded' });
const succeeded = anExecutionView('Succeeded', [done]);

describe('following an execution', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    return () => log.mockRestore();
  });

  it('tells what happens to each action, and how it ended', async () => {
    const client = await feedOf([[snapshot(running), turn(running, done), turn(succeeded)]], succeeded);
    expect(await follow(client, 'exe_1', PAGE)).toBe('Succeeded');
    expect(lines).toEqual([
      '  Build/Make               InProgress on builder',
      '  Build/Make               Succeeded in 4.5 s',
      'Succeeded after 4.5 s',
    ]);
  });

  it('tells nothing twice when the connection is lost and made again', async () => {
    const connections = [[snapshot(running)], [], [snapshot(running), turn(running, done)], [snapshot(succeeded)]];
    expect(await follow(await feedOf(connections, succeeded), 'exe_1', PAGE)).toBe('Succeeded');
    expect(lines).toHaveLength(3);
  });

  it.each<[string, Partial<ActionView>, string | undefined]>([
    ['has not been reached', { status: null }, undefined],
    ['waits for a runner', { activity: 'Queued' }, 'Queued'],
    ['runs again', { activity: 'Running', attempt: 2, runner: 'builder' }, 'InProgress on builder (attempt 2)'],
    ['waits for a person', { activity: 'AwaitingApproval' }, `waits for an approval: ${PAGE}`],
    ['is held', { activity: 'Held' }, `is held, its runner was lost; decide at ${PAGE}`],
    ['was abandoned', { status: 'Abandoned' }, 'Abandoned'],
    [
      'failed',
      { status: 'Failed', attempt: 3, error: { code: 'JobFailed', message: 'Exited with code 1.' } },
      'Failed: Exited with code 1. (attempt 3)',
    ],
  ])('has a word for an action that %s', async (_, action, line) => {
    const before = anExecutionView('InProgress', [anActionView('Make', action)]);
    await follow(await feedOf([[snapshot(before), turn(succeeded)]], succeeded), 'exe_1', PAGE);
    expect(lines.slice(0, -1)).toEqual(line === undefined ? [] : [`  ${'Build/Make'.padEnd(24)} ${line}`]);
  });

  it('shows the end of the log of what failed', async () => {
    const failed = anExecutionView('Failed', [
      anActionView('Fine', { status: 'Succeeded' }),
      anActionView('Make it', { status: 'Failed', error: { code: 'JobFailed', message: 'Exited with code 1.' } }),
    ]);
    const log = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);
    const client = await feedOf([[snapshot(failed)]], failed, `${log.join('\n')}\n`);
    expect(await follow(client, 'exe_1', PAGE)).toBe('Failed');
    expect(lines.at(-1)).toBe(`\nBuild/Make it, last lines:\n${log.slice(-20).join('\n')}`);
  });

  it.each([
    [404, 'not_found'],
    [401, 'unauthenticated'],
  ] as const)('gives up, with what the server says, when it will not be told: %s', async (status, code) => {
    const refusal = problem(status, code, 'There is no execution "exe_1" here.');
    const server = await TestServer.start({ answer: () => refusal, accept: () => refusal });
    const client = new Client({ url: server.url, token: 'token' });
    await expect(follow(client, 'exe_1', PAGE)).rejects.toThrow('There is no execution "exe_1" here.');
  });

  it('does not give up while the server is not well', async () => {
    let refusals = 0;
    const server = await TestServer.start({
      answer: () => ({ status: 200, body: succeeded }),
      accept: () => {
        refusals += 1;
        if (refusals < 3) return { status: 503 };
        return (socket) => socket.send(JSON.stringify(snapshot(succeeded)));
      },
    });
    expect(await follow(new Client({ url: server.url, token: 'token' }), 'exe_1', PAGE)).toBe('Succeeded');
    expect(refusals).toBe(3);
  });
});
