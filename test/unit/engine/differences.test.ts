import { describe, expect, it } from 'vitest';
import { type Compared, compareExecutions } from '../../../worker/engine/compare.ts';

/** Two executions are twins but for one thing: is that seen, and is it called a difference? */

type Stage = Compared['stages'][number];
type Action = Stage['actions'][number];

const action: Action = {
  name: 'make',
  status: 'Failed',
  attempts: [1],
  error: { message: 'exit 1' },
  outputs: { VERSION: '1' },
  startedAt: '2026-01-05T09:00:00.000Z',
  endedAt: '2026-01-05T09:01:00.000Z',
};
const other: Action = { ...action, name: 'lint' };
const times = { startedAt: action.startedAt, endedAt: action.endedAt };
const stage: Stage = { name: 'Build', status: 'Failed', actions: [action, other], ...times };
const revision = { action: 'Checkout', id: 'r1', digest: 'sha256:1', summary: 'one' };

function execution(of: Partial<Compared> = {}): Compared {
  return {
    id: 'e1',
    number: 1,
    pipeline: 'shop',
    version: 1,
    status: 'Failed',
    startedAt: '2026-01-05T09:00:00.000Z',
    endedAt: '2026-01-05T09:02:00.000Z',
    variables: {},
    revisions: [revision, { ...revision, action: 'Config' }],
    stages: [stage],
    artifacts: [{ name: 'app', digest: 'sha256:a' }],
    ...of,
  };
}

it.each<[string, Partial<Action>, boolean]>([
  ['nothing', {}, true],
  ['its status', { status: 'Succeeded' }, false],
  ['its error', { error: { message: 'exit 2' } }, false],
  ['that it has none', { error: null }, false],
  ['an output', { outputs: { VERSION: '2' } }, false],
  ['one output more', { outputs: { VERSION: '1', DIGEST: 'x' } }, false],
  ['how often it was tried', { attempts: [1, 2] }, false],
  ['how long it took', { endedAt: '2026-01-05T09:09:00.000Z' }, true],
])('an action in which %s differs', (_, change, isSame) => {
  const changed = { ...stage, actions: [{ ...action, ...change }, other] };
  const [compared] = compareExecutions(execution(), execution({ stages: [changed] })).stages;
  expect(compared?.actions.map((one) => one.isSame)).toEqual([isSame, true]);
  // A stage is as good as the worst of its actions.
  expect(compared?.isSame).toBe(isSame);
});

describe('a stage', () => {
  const compared = (a: readonly Stage[], b: readonly Stage[]) =>
    compareExecutions(execution({ stages: a }), execution({ stages: b })).stages;

  it('differs by its own status, though its actions are the same', () => {
    expect(compared([stage], [{ ...stage, status: 'Stopped' }])).toMatchObject([
      { isSame: false, actions: [{ isSame: true }, { isSame: true }] },
    ]);
  });

  it('differs when only one of them has it, reached or not', () => {
    const bare: Stage = { ...stage, status: null, actions: [], startedAt: null, endedAt: null };
    const missing = { isSame: false, duration: { a: null, b: null, differenceMs: null } };
    expect(compared([bare], [])).toMatchObject([missing]);
    expect(compared([], [bare])).toMatchObject([missing]);
    expect(compared([bare], [bare])).toMatchObject([{ isSame: true }]);
    const idle = { ...action, status: null, error: null, outputs: {}, attempts: [] };
    const actions = compared([{ ...stage, actions: [idle] }], [{ ...stage, actions: [] }])[0];
    expect(actions).toMatchObject({ isSame: false, actions: [{ isSame: false, attempts: { a: 0, b: 0 } }] });
  });

  it('has taken no time that could be told while it has not both begun and ended', () => {
    const still = { ...stage, endedAt: null };
    expect(compared([still], [stage])[0]?.duration).toEqual({ a: null, b: 60_000, differenceMs: null });
    expect(compared([stage], [{ ...stage, startedAt: null }])[0]?.duration).toEqual({
      a: 60_000,
      b: null,
      differenceMs: null,
    });
  });
});

describe('revisions and artifacts', () => {
  const revisions = (b: Compared['revisions']) =>
    compareExecutions(execution(), execution({ revisions: b })).revisions.map(({ action, isSame }) => [
      action,
      isSame,
    ]);

  it('of a source differ when their id or their bytes do', () => {
    const [one, two] = execution().revisions as [typeof revision, typeof revision];
    expect(revisions([one, two])).toEqual([
      ['Checkout', true],
      ['Config', true],
    ]);
    expect(revisions([one, { ...two, id: 'r2' }])[1]).toEqual(['Config', false]);
    expect(revisions([{ ...one, digest: 'sha256:2' }, two])[0]).toEqual(['Checkout', false]);
    expect(revisions([{ ...one, summary: 'said otherwise' }, two])[0]).toEqual(['Checkout', true]);
    expect(revisions([two])).toEqual([
      ['Checkout', false],
      ['Config', true],
    ]);
  });

  it('that only one of them has are told with what the other lacks', () => {
    const gone = compareExecutions(execution(), execution({ revisions: [], artifacts: [] }));
    expect(gone.revisions[0]).toEqual({
      action: 'Checkout',
      a: { id: 'r1', digest: 'sha256:1', summary: 'one' },
      b: null,
      isSame: false,
    });
    expect(gone.artifacts).toEqual([{ name: 'app', a: 'sha256:a', b: null, isSame: false }]);
    const added = compareExecutions(execution({ artifacts: [] }), execution());
    expect(added.artifacts).toEqual([{ name: 'app', a: null, b: 'sha256:a', isSame: false }]);
  });
});
