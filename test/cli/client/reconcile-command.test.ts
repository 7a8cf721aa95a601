import { describe, expect, it } from 'vitest';
import type { Reconciliation } from '../../../contract/reconcile.ts';
import { endOf, millrace } from '../../support/cli/runner-process.ts';
import { TestServer } from '../../support/cli/test-server.ts';

const different = {
  execution: 'exe_2',
  pipeline: 'shop',
  number: 2,
  kind: 'Different' as const,
  fields: [{ field: 'status', index: 'InProgress', object: 'Succeeded' }],
};
const none = { compared: 0, equal: 0, pending: 0, different: 0, fixed: 0, differences: [] };

/** Two pages; the second holds a difference, which is fixed when that is asked for. */
async function run(args: readonly string[]) {
  const server = await TestServer.start({
    answer: ({ query }) => {
      const fixed = query.get('fix') === 'true';
      const isFirst = query.get('cursor') === null;
      const page: Reconciliation = isFirst
        ? { ...none, compared: 2, equal: 2, nextCursor: 'next page' }
        : {
            ...none,
            compared: 2,
            pending: 1,
            different: 1,
            fixed: fixed ? 1 : 0,
            differences: [{ ...different, fixed }],
            nextCursor: null,
          };
      return { status: 200, body: page };
    },
  });
  const ended = await endOf(
    millrace(['reconcile', ...args], { MILLRACE_URL: server.url, MILLRACE_TOKEN: 'the token' }),
  );
  return { ...ended, asked: server.asked };
}

describe('millrace reconcile', () => {
  it('walks all pages, tells what differs and fails because of it', async () => {
    const { code, output, asked } = await run([]);
    expect(asked.map(({ method, path, query }) => [method, path, query.get('cursor')])).toEqual([
      ['POST', '/reconcile', null],
      ['POST', '/reconcile', 'next page'],
    ]);
    expect(output).toContain('shop #2 (exe_2): status is Succeeded, not InProgress.');
    expect(output).toContain('4 compared: 2 equal, 1 in motion, 1 different, 0 fixed.');
    expect(code).toBe(1);
  });

  it('puts it right when told so', async () => {
    const { code, output } = await run(['--fix']);
    expect(output).toContain('not InProgress. Fixed.');
    expect(output).toContain('1 different, 1 fixed.');
    expect(code).toBe(0);
  });
});
