import { describe, expect, it } from 'vitest';
import type { ExecutionState } from '../../../../worker/engine/model.ts';
import type { ExecutionPlan } from '../../../../worker/engine/plan.ts';
import { executionView, unadmittedView } from '../../../../worker/engine/view.ts';
import { whyExecution } from '../../../../worker/engine/why/execution.ts';
import { type Part, whyOf, whyPart } from '../../../../worker/engine/why/part.ts';
import { leaves, type Reason } from '../../../../worker/engine/why/reason.ts';
import { unadmittedState } from '../../../../worker/engine/why/unadmitted.ts';
import { reasonView } from '../../../../worker/engine/why/view.ts';
import { aCondition, anAction, anOrigin, aPlan, aRule, MINUTE, T0 } from '../../../support/factories.ts';
import { Given } from '../../../support/given.ts';

const plan = aPlan({
  A: [anAction('a'), anAction('b', { runOrder: 2 })],
  B: [anAction('c')],
  C: [anAction('d')],
});
const begun = (of: ExecutionPlan = plan, origin = {}): Given => Given.execution(of, origin);
const ask = ({ state }: Given, part: Part): readonly Reason[] | undefined => whyPart(state as ExecutionState, part);
const kinds = (given: Given, stage: string, action?: string): readonly string[] | undefined =>
  ask(given, action === undefined ? { stage } : { stage, action })?.map(({ kind }) => kind);

describe('the part of an execution that does not move', () => {
  it('is all of it, a stage or an action', () => {
    const state = begun().state as ExecutionState;
    expect(whyPart(state, {})).toEqual(whyExecution(state));
    expect(whyPart(state, { stage: 'A' })).toEqual(whyExecution(state));
    expect(whyPart(state, { stage: 'A', action: 'a' })).toEqual(whyExecution(state));
    const about = { number: 1, status: 'InProgress', pipeline: 'web-shop' };
    expect(whyOf(state, {})).toEqual({ ...about, reasons: whyExecution(state) });
    expect(whyOf(state, { stage: 'X' })).toEqual({ ...about, reasons: null });
    expect(whyOf(state, { stage: 'A', action: 'c' })).toEqual({ ...about, reasons: null });
  });

  it('waits for what comes before it', () => {
    const given = begun();
    const reason = {
      kind: 'NotReached',
      owner: 'execution',
      since: T0,
      until: 'What comes before it succeeds.',
      because: whyExecution(given.state as ExecutionState),
    };
    const later = { type: 'stage', execution: 'exec-1', stage: 'C' };
    expect(ask(given, { stage: 'C' })).toStrictEqual([{ ...reason, subject: later, message: 'C comes after A.' }]);
    // Its stage comes first.
    expect(ask(given, { stage: 'C', action: 'd' })).toEqual(ask(given, { stage: 'C' }));
    expect(ask(given, { stage: 'A', action: 'b' })).toStrictEqual([
      {
        ...reason,
        subject: { type: 'action', execution: 'exec-1', stage: 'A', action: 'b', attempt: null },
        message: 'b comes later in A.',
      },
    ]);
  });

  it('has no reason when it is over, or will never be reached', () => {
    const moved = begun().succeed('A/a').succeed('A/b');
    expect([kinds(moved, 'A'), kinds(moved, 'A', 'b'), kinds(moved, 'B')]).toEqual([[], [], ['Queued']]);
    const failed = begun().fail('A/a');
    expect([kinds(failed, 'A'), kinds(failed, 'A', 'b'), kinds(failed, 'C')]).toEqual([[], [], []]);
    const inFront = Given.execution(plan, {}, -1).when({ type: 'Stop', abandon: false, by: 'ada', reason: '' });
    expect([ask(inFront, {}), kinds(inFront, 'A'), kinds(inFront, 'A', 'a')]).toEqual([[], [], []]);
    const stopping = begun().when({ type: 'Stop', abandon: false, by: 'ada', reason: '' });
    expect([kinds(stopping, 'A'), kinds(stopping, 'B'), kinds(stopping, 'B', 'c')]).toEqual([['Stopping'], [], []]);
    expect(kinds(stopping, 'A', 'b')).toEqual(['Stopping']);
    const rollback = begun(plan, { kind: 'ROLLBACK', span: { first: 1, last: 1 } });
    expect([kinds(rollback, 'A'), kinds(rollback, 'B'), kinds(rollback, 'C')]).toEqual([[], ['Queued'], []]);
  });

  it('is told from one beside it that is over while the stage still runs', () => {
    const beside = begun(aPlan({ A: [anAction('a'), anAction('b')] })).succeed('A/a');
    expect([kinds(beside, 'A', 'a'), kinds(beside, 'A', 'b')]).toEqual([[], ['Queued']]);
  });

  it('waits for an answer when somebody has ordered it back', () => {
    const back = begun().succeed('A/a').succeed('A/b').fail('B/c');
    back.when({ type: 'Resume', stage: 'A', by: 'ada' });
    expect([kinds(back, 'A'), kinds(back, 'B'), kinds(back, 'C')]).toEqual([
      ['Returning'],
      ['NotReached'],
      ['NotReached'],
    ]);
    expect(ask(back, { stage: 'B' })).toMatchObject([{ message: 'B comes after A.' }]);
  });

  it('is not a rule that nobody asks', () => {
    const [stage, ...others] = plan.stages;
    const beforeEntry = aCondition('A', 'beforeEntry', { rules: [aRule('one')] });
    const given = begun({ stages: [{ ...stage!, beforeEntry }, ...others] });
    expect(kinds(given, 'A', 'beforeEntry~one')).toEqual(['Running']);
    given.succeed('A/beforeEntry~one');
    expect(kinds(given, 'A', 'beforeEntry~one')).toEqual([]);
    const back = given.fail('A/a').when({ type: 'RetryStage', stage: 'A', mode: 'ALL_ACTIONS', by: 'ada' });
    expect(kinds(back, 'A', 'beforeEntry~one')).toEqual([]);
  });

  it('is not a rule that has been asked in a run before and is not yet in this one', () => {
    const [stage, ...others] = plan.stages;
    const given = begun({ stages: [{ ...stage!, onSuccess: aCondition('A', 'onSuccess') }, ...others] });
    given.succeed('A/a').succeed('A/b').fail('A/onSuccess~rule').thenStatus('Failed');
    given.when({ type: 'RetryStage', stage: 'A', mode: 'ALL_ACTIONS', by: 'ada' });
    given.when({ type: 'Admit', epoch: (given.state?.admission.epoch ?? 0) + 1, through: 2 });
    expect([kinds(given, 'A', 'onSuccess~rule'), kinds(given, 'A', 'a')]).toEqual([[], ['Queued']]);
  });
});

describe('an execution that its pipeline has not let in yet', () => {
  const origin = anOrigin(plan, { variables: { target: 'staging' } });

  it('waits as its own object would see it', () => {
    const state = unadmittedState(origin, T0);
    expect(whyExecution(state)).toMatchObject([{ kind: 'AwaitingAdmission', message: 'It waits to be let into A.' }]);
    expect(state.admission).toEqual({ epoch: 0, through: -1, step: 0, stage: 0, waiting: true, since: T0 });
  });

  it('looks like one that waits, is on its way in, or has ended', () => {
    const view = executionView(unadmittedState(origin, T0));
    expect(unadmittedView(origin, T0, 'Waiting')).toEqual(view);
    expect(view).toMatchObject({ status: 'InProgress', endedAt: null, waitingForStage: 'A' });
    expect(unadmittedView(origin, T0, 'Admitted')).toEqual({ ...view, waitingForStage: null });
    expect(unadmittedView(origin, T0, { status: 'Superseded', at: T0 + MINUTE })).toEqual({
      ...view,
      status: 'Superseded',
      endedAt: new Date(T0 + MINUTE).toISOString(),
      waitingForStage: null,
    });
  });
});

describe('a chain of reasons', () => {
  const leaf: Reason = {
    kind: 'StageHeld',
    subject: { type: 'stage', execution: 'e2', stage: 'A' },
    owner: 'execution',
    message: 'Execution 1 is in A.',
    holder: { type: 'execution', id: 'e1', number: 1, href: '/executions/e1' },
    place: 2,
    since: T0,
    deadline: T0 + MINUTE,
    checkAt: T0 + 1,
    until: 'Execution 1 leaves A.',
    may: [
      { what: 'Wait', who: 'Everybody' },
      { what: 'Stop it', who: 'Whoever may', call: 'POST /executions/e1/stop' },
    ],
  };
  const bare: Reason = {
    kind: 'Behind',
    subject: leaf.subject,
    owner: 'execution',
    message: 'Execution 1 comes before it.',
    holder: { type: 'pool', id: 'default', href: '/runners' },
    until: 'It has come through.',
  };

  it('has its ends where nothing else holds up what is named', () => {
    const chain = { ...bare, because: [leaf, { ...bare, because: [bare] }] };
    expect(leaves([chain, bare])).toEqual([leaf, bare, bare]);
    expect(leaves([{ ...bare, because: [] }])).toHaveLength(1);
    expect(leaves([])).toEqual([]);
  });

  it('shows times as dates and absence as null', () => {
    const time = (at: number): string => new Date(at).toISOString();
    const seenLeaf = {
      ...leaf,
      since: time(T0),
      deadline: time(T0 + MINUTE),
      checkAt: time(T0 + 1),
      may: [
        { what: 'Wait', who: 'Everybody', call: null },
        { what: 'Stop it', who: 'Whoever may', call: 'POST /executions/e1/stop' },
      ],
      because: [],
    };
    expect(reasonView(leaf)).toStrictEqual(seenLeaf);
    expect(reasonView({ ...bare, because: [leaf] })).toStrictEqual({
      ...bare,
      holder: { type: 'pool', id: 'default', number: null, href: '/runners' },
      place: null,
      since: null,
      deadline: null,
      checkAt: null,
      may: [],
      because: [seenLeaf],
    });
    const { holder: _, ...alone } = bare;
    expect(reasonView(alone)).toMatchObject({ holder: null, because: [] });
    expect(reasonView({ ...leaf, place: 0, since: 0 })).toMatchObject({ place: 0, since: time(0) });
  });
});
