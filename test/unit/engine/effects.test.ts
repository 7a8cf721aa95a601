import { describe, expect, it } from 'vitest';
import type { Effect, ExecutionEvent } from '../../../worker/engine/messages.ts';
import { evolve } from '../../../worker/engine/evolve.ts';
import type { ExecutionState, Origin } from '../../../worker/engine/model.ts';
import { positionOf } from '../../../worker/engine/position.ts';
import { react } from '../../../worker/engine/react.ts';
import { stories } from '../../support/event-log-stories.ts';
import { aCondition, anAction, anOrigin, aPlan, T0 } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

/** What the world is asked to do, and what the pipeline hears. */

interface Seen {
  readonly event: ExecutionEvent;
  readonly before: ExecutionState | undefined;
  readonly after: ExecutionState;
  readonly effects: readonly Effect[];
}

/** Every event of every story, with what it asks for. */
function happenings(): readonly Seen[] {
  return Object.entries(stories).flatMap(([story, tell]) => {
    let state: ExecutionState | undefined;
    return tell()
      .log(story)
      .turns.flatMap(({ events, at }) =>
        events.map((event): Seen => {
          const before = state;
          const after = evolve(state, event, at);
          state = after;
          return { event, before, after, effects: react(event, before) };
        }),
      );
  });
}

const asks = (seen: Seen, type: Effect['type']): boolean => seen.effects.some((effect) => effect.type === type);

describe('in every story', () => {
  const all = happenings();

  it('the pipeline hears of every step that an execution takes, but for those that it has decided itself', () => {
    for (const seen of all) {
      const { event, before, after } = seen;
      const isFirst = event.type === 'StageEntered' && event.stage === (before?.span?.first ?? 0);
      const isOwn = isFirst && before?.admission.waiting === false;
      // The gate or the stage that it comes to is said in the same breath.
      if (event.type === 'ExecutionResumed') continue;
      const hasMoved = before !== undefined && after.admission.step > before.admission.step;
      expect(asks(seen, 'ReportPosition'), event.type).toBe(hasMoved && !isOwn);
    }
  });

  it('it waits for what it hears unless the execution is in a stage of its own', () => {
    const idle = ['StageEntered', 'ApprovalRequested'];
    for (const { event, effects } of all) {
      for (const effect of effects) {
        if (effect.type !== 'ReportPosition') continue;
        expect(effect.urgent, event.type).toBe(!idle.includes(event.type));
      }
    }
  });

  it('lists hear at once of an end, and of the rest in a while', () => {
    for (const { event, effects } of all) {
      for (const effect of effects) {
        if (effect.type === 'PublishSummary') {
          expect(effect.urgent, event.type).toBe(event.type === 'ExecutionEnded');
        }
      }
    }
  });

  it('each attempt is started once, and whoever called hears of the end once', () => {
    const started = all.flatMap(({ effects }) => effects.filter(({ type }) => type === 'StartAction'));
    const events = all.filter(({ event }) => event.type === 'ActionStarted');
    expect(started).toHaveLength(events.length);
    for (const seen of all) {
      const isTold = seen.event.type === 'ExecutionEnded' && seen.before?.caller !== undefined;
      expect(asks(seen, 'TellCaller')).toBe(isTold);
    }
  });
});

describe('the first stage', () => {
  const plan = aPlan({ A: [anAction('a')] });
  const entered = (given: Given): readonly string[] | undefined =>
    given.last?.effects.map(({ type }) => type).filter((type) => type !== 'StartAction');

  it('was entered by the pipeline itself, which need not be told', () => {
    expect(entered(Given.execution(plan))).toEqual(['PublishSummary']);
    expect(entered(Given.execution(plan, { span: { first: 0, last: 0 } }))).toEqual(['PublishSummary']);
    const later = aPlan({ A: [anAction('a')], B: [anAction('b')] });
    expect(entered(Given.execution(later, { kind: 'ROLLBACK', span: { first: 1, last: 1 } }))).toEqual([
      'PublishSummary',
    ]);
  });

  it('is told of when the execution has waited in front of it', () => {
    const [stage] = plan.stages;
    const gate = aCondition('A', 'beforeEntry', { otherwise: 'WAIT' });
    const given = Given.execution({ stages: [{ ...stage!, beforeEntry: gate }] });
    given.succeed('A/beforeEntry~rule').when({ type: 'Admit', epoch: 2, through: 0 });
    given.thenEvents('Admitted', 'StageEntered', 'ActionStarted');
    expect(entered(given)).toEqual(['ReportPosition', 'PublishSummary']);
  });
});

describe('the position', () => {
  const plan = aPlan({ A: [anAction('a')], B: [anAction('b')], C: [anAction('c')] });
  const born: Partial<Origin> = {
    trigger: { type: 'AutomatedRollback', by: 'execution exec-9', actor: 'ada' },
    variables: { target: 'staging' },
    revisions: { Checkout: { id: 'r1', digest: 'sha256:1', sizeBytes: 1, summary: 'one' } },
    pins: { Checkout: { type: 'COMMIT_ID', value: 'c0ffee' } },
    kind: 'ROLLBACK',
    rollback: { stage: 'B', target: 'exec-0' as never, from: 'exec-9' as never },
    span: { first: 1, last: 1 },
    forkedFrom: 'exec-7' as never,
  };
  const back = (origin: Partial<Origin>, stage: string): Given => {
    const given = Given.execution(plan, origin);
    return given.fail(origin.span === undefined ? 'A/a' : 'B/b').when({
      type: 'RetryStage',
      stage,
      mode: 'FAILED_ACTIONS',
      by: 'ada',
    });
  };

  it('of one that asks to come back says all that it was born with', () => {
    const { trigger, variables, revisions, ...rest } = born;
    expect(positionOf(back(born, 'B').state!)).toStrictEqual({
      kind: 'Returning',
      step: 3,
      stage: 1,
      number: 1,
      epoch: 1_000_001,
      start: { version: 1, trigger, variables, revisions, at: T0, ...rest },
      end: { status: 'Failed', entered: [1], succeeded: [] },
    });
    const plain = anOrigin(plan);
    expect(positionOf(back({}, 'A').state!)).toMatchObject({
      start: { version: 1, trigger: plain.trigger, variables: {}, revisions: {}, at: T0 },
    });
  });

  it('of one that has ended says where it has been, and where it has succeeded', () => {
    const given = Given.execution(plan).succeed('A/a').fail('B/b');
    expect(positionOf(given.state!)).toStrictEqual({
      kind: 'Ended',
      step: 3,
      status: 'Failed',
      entered: [0, 1],
      succeeded: [0],
    });
  });

  it('of one that waits says of which grants it knows', () => {
    const given = Given.execution(plan, {}, 0).succeed('A/a');
    expect(positionOf(given.state!)).toStrictEqual({ kind: 'Waiting', step: 2, stage: 1, isReady: true, epoch: 1 });
  });
});
