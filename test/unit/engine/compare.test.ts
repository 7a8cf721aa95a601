import { describe, expect, it } from 'vitest';
import { compareExecutions } from '../../../worker/engine/compare.ts';
import type { ExecutionId } from '../../../worker/engine/ids.ts';
import type { ExecutionState, Origin } from '../../../worker/engine/model.ts';
import { executionView, type ExecutionView } from '../../../worker/engine/view.ts';
import { anAction, aPlan, MINUTE } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const output = { outputVariables: ['VERSION'], namespace: 'pkg' };
const plan = aPlan({
  Build: [
    anAction('make', { ...output, outputs: [{ name: 'app', files: [] }], retry: { attemptsMax: 2, backoffMs: 0 } }),
  ],
  Ship: [anAction('ship')],
});

function anExecution(origin: Partial<Origin>, work: (given: Given) => void, of = plan): ExecutionView {
  const given = Given.execution(of, origin);
  work(given);
  return executionView(given.state as ExecutionState);
}

const good = (version: string, artifact: string) => (given: Given) =>
  given
    .after(MINUTE)
    .report('Build/make', {
      type: 'ReportSucceeded',
      variables: { VERSION: version },
      artifacts: [{ name: 'app', digest: `sha256:${artifact}`, sizeBytes: 1 }],
    })
    .after(MINUTE)
    .succeed('Ship/ship');

const one = anExecution({ variables: { target: 'staging', same: 'x' } }, good('1', 'a'));

describe('comparing two executions', () => {
  it('finds nothing to tell of twins but who they are', () => {
    const twin = anExecution({ id: 'exec-2' as ExecutionId, number: 2, variables: one.variables }, good('1', 'a'));
    const compared = compareExecutions(one, twin);
    expect(compared.a).toMatchObject({ number: 1, status: 'Succeeded' });
    expect(compared.b).toMatchObject({ id: 'exec-2', number: 2 });
    expect(compared.duration).toEqual({ a: 2 * MINUTE, b: 2 * MINUTE, differenceMs: 0 });
    expect(compared.variables).toEqual([]);
    expect(compared.stages.map(({ name, isSame }) => [name, isSame])).toEqual([
      ['Build', true],
      ['Ship', true],
    ]);
    expect(compared.artifacts).toEqual([{ name: 'app', a: 'sha256:a', b: 'sha256:a', isSame: true }]);
  });

  it('tells variables, revisions, output variables and artifacts that differ', () => {
    const revision = { id: 'r1', digest: 'sha256:1', sizeBytes: 1, summary: 'first' };
    const other = anExecution(
      { variables: { target: 'production', same: 'x', extra: 'y' }, revisions: { Checkout: revision } },
      good('2', 'b'),
    );
    const compared = compareExecutions(one, other);
    expect(compared.variables).toEqual([
      { name: 'target', a: 'staging', b: 'production', isSame: false },
      { name: 'extra', a: null, b: 'y', isSame: false },
    ]);
    expect(compared.revisions).toEqual([
      { action: 'Checkout', a: null, b: { id: 'r1', digest: 'sha256:1', summary: 'first' }, isSame: false },
    ]);
    expect(compared.stages[0]?.actions[0]?.outputs).toEqual([{ name: 'VERSION', a: '1', b: '2', isSame: false }]);
    expect(compared.artifacts).toMatchObject([{ name: 'app', a: 'sha256:a', b: 'sha256:b', isSame: false }]);
  });

  it('tells where one failed and the other did not, in how many attempts, and how much longer it took', () => {
    const failed = anExecution({}, (given) =>
      given
        .after(3 * MINUTE)
        .fail('Build/make')
        .wakeAfter(0)
        .after(MINUTE)
        .fail('Build/make', 'exit 2'),
    );
    const [build, ship] = compareExecutions(one, failed).stages;
    expect(build).toMatchObject({
      isSame: false,
      status: { a: 'Succeeded', b: 'Failed' },
      duration: { a: MINUTE, b: 4 * MINUTE, differenceMs: 3 * MINUTE },
      actions: [
        { name: 'make', attempts: { a: 1, b: 2 }, error: { a: null, b: 'exit 2', isSame: false }, isSame: false },
      ],
    });
    expect(ship).toMatchObject({ status: { a: 'Succeeded', b: null }, duration: { b: null, differenceMs: null } });
  });

  it('lists stages and actions that only one of them has', () => {
    const otherPlan = aPlan({ Build: [anAction('make'), anAction('lint')], Verify: [anAction('look')] });
    const other = anExecution({}, () => undefined, otherPlan);
    const compared = compareExecutions(one, other);
    expect(compared.stages.map(({ name }) => name)).toEqual(['Build', 'Verify', 'Ship']);
    expect(compared.stages[0]?.actions.map(({ name, isSame }) => [name, isSame])).toEqual([
      ['make', false],
      ['lint', false],
    ]);
    expect(compared.stages[1]).toMatchObject({ isSame: false, status: { a: null, b: null } });
  });
});
