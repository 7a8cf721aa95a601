import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actionArrows,
  type Arrow,
  conditionArrows,
  executionArrows,
  stageArrows,
} from '../../worker/engine/arrows.ts';
import { evolve } from '../../worker/engine/evolve.ts';
import type { ExecutionEvent } from '../../worker/engine/messages.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import {
  actionStatus,
  conditionPlaces,
  conditionState,
  everyAction,
  isTerminal,
} from '../../worker/engine/stages.ts';
import { type Step, step } from '../../worker/engine/step.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import { executionView } from '../../worker/engine/view.ts';
import { anOrigin, T0 } from '../support/factories.ts';
import { anyMove, anyPlan, commandOf } from '../support/histories.ts';

const FINAL = ['Succeeded', 'Superseded', 'Cancelled'];

/** Mutants are met by fewer histories than the engine itself: there are thousands of them. */
const RUNS = Number(process.env['RUNS'] ?? 1_500);

/** Every change of a status that was seen, by what changed; held against the tables and, at the end, against being complete. */
class Walk {
  readonly seen = new Set<string>();

  take(before: ExecutionState | undefined, after: ExecutionState): void {
    this.#see('execution', executionArrows, before?.status ?? null, after.status);
    after.stages.forEach((stage, index) => {
      const old = before?.stages[index];
      this.#see('stage', stageArrows, old?.status ?? null, stage.status ?? null);
      for (const place of conditionPlaces) {
        const [was, is] = [old === undefined ? undefined : conditionState(old, place), conditionState(stage, place)];
        this.#see('condition', conditionArrows, was?.status ?? null, is?.status ?? null);
      }
      for (const action of everyAction(stage)) {
        const known = old === undefined ? undefined : everyAction(old).find(({ key }) => key === action.key);
        const was = known === undefined ? undefined : actionStatus(known);
        this.#see('action', actionArrows, was ?? null, actionStatus(action) ?? null);
      }
    });
  }

  #see(what: string, arrows: readonly Arrow<string>[], from: string | null, to: string | null): void {
    if (from === to) return;
    const arrow = `${what} ${from ?? '-'} → ${to ?? '-'}`;
    if (!arrows.some((one) => one.from === from && one.to === to)) throw new Error(`no such arrow: ${arrow}`);
    this.seen.add(arrow);
  }
}

function checkState(state: ExecutionState, at: number): void {
  const wake = nextWakeAt(state);
  if (isTerminal(state)) {
    expect(wake).toBeUndefined();
    for (const stage of state.stages) {
      expect(['InProgress', 'Stopping']).not.toContain(stage.status);
      for (const place of conditionPlaces) expect(conditionState(stage, place)?.status).not.toBe('InProgress');
      for (const action of everyAction(stage)) expect(actionStatus(action)).not.toBe('InProgress');
    }
  } else {
    // Nothing stuck: whatever it waits for, something in it has a deadline.
    expect(wake).toBeDefined();
  }
  state.stages.forEach((stage, index) => {
    const before = state.stages[index - 1];
    if (stage.status !== undefined && before !== undefined) expect(['Succeeded', 'Skipped']).toContain(before.status);
    if (stage.status === 'Succeeded') {
      for (const action of stage.actions) expect(actionStatus(action)).toBe('Succeeded');
    }
    for (const action of everyAction(stage)) {
      const first = action.attempts[0]?.number ?? 1;
      expect(action.attempts.map(({ number }) => number)).toEqual(action.attempts.map((_, index) => first + index));
      const open = action.attempts.filter(({ phase }) => phase.kind !== 'Ended');
      expect(open.length).toBeLessThanOrEqual(1);
    }
  });
  JSON.stringify(executionView(state));
  expect(at).toBeGreaterThanOrEqual(state.startedAt);
}

describe('any history', () => {
  it('keeps the invariants after every step, and is rebuilt from its events alone', () => {
    const walk = new Walk();
    fc.assert(
      fc.property(anyPlan, fc.array(anyMove, { maxLength: 100, size: 'max' }), fc.nat(2), (plan, moves, through) => {
        let at = T0;
        let epoch = 1;
        let turn: Step = step(undefined, { type: 'Begin', origin: anOrigin(plan), epoch, through }, at);
        let state = turn.state;
        let replayed: ExecutionState | undefined;
        let ends = 0;
        const started = new Set<string>();
        const take = (): void => {
          for (const event of turn.events) {
            const before: ExecutionState | undefined = replayed;
            replayed = evolve(replayed, event, at);
            walk.take(before, replayed);
            ends += endsBy(event, before);
            // Between its end and its return, an execution does nothing; and there is never a second end.
            expect(ends).toBe(replayed.endedAt === undefined ? 0 : 1);
          }
          for (const effect of turn.effects) {
            if (effect.type !== 'StartAction') continue;
            const key = `${effect.action}:${effect.attempt}`;
            expect(started.has(key)).toBe(false);
            started.add(key);
          }
        };
        take();
        for (const move of moves) {
          at += move.ms;
          // A return makes whatever was granted before too old.
          epoch = Math.max(epoch, state?.admission.epoch ?? 0) + 1;
          const before = state;
          turn = step(state, commandOf(move, epoch, state), at);
          state = turn.state;
          take();
          if (state === undefined) throw new Error('vanished');
          if (before !== undefined && FINAL.includes(before.status)) {
            // A late word about the rollback may still be noted.
            expect({ ...state, stages: [] }).toEqual({ ...before, stages: [] });
          }
          if (turn.rejection !== undefined) expect(state).toBe(before);
          // The pipeline puts it into its first stage itself; every other step it must hear of.
          const isFirst = turn.events.some((event) => event.type === 'StageEntered' && event.stage === 0);
          if (before !== undefined && state.admission.step > before.admission.step && !isFirst) {
            expect(turn.effects.map(({ type }) => type)).toContain('ReportPosition');
          }
          checkState(state, at);
        }
        expect(replayed).toEqual(state);
      }),
      { numRuns: RUNS },
    );
    if (RUNS < 1_500) return;
    const everything = [
      ...named('execution', executionArrows),
      ...named('stage', stageArrows),
      ...named('action', actionArrows),
      ...named('condition', conditionArrows),
    ];
    // Withdrawn before it was ever admitted: its pipeline's business, not the engine's.
    const elsewhere = ['execution InProgress → Stopped'];
    expect(everything.filter((arrow) => !walk.seen.has(arrow) && !elsewhere.includes(arrow))).toEqual([]);
  }, 120_000);

  it('ends within its deadlines once the world only keeps silent', () => {
    fc.assert(
      fc.property(anyPlan, fc.array(anyMove, { maxLength: 30 }), (plan, moves) => {
        let at = T0;
        let state = step(undefined, { type: 'Begin', origin: anOrigin(plan), epoch: 1, through: 9 }, at).state;
        for (const [index, move] of moves.entries()) {
          at += move.ms;
          state = step(state, commandOf(move, index + 2, state), at).state;
        }
        for (let wakes = 0; wakes < 2_000 && state !== undefined && !isTerminal(state); wakes += 1) {
          const due = nextWakeAt(state);
          if (due === undefined) throw new Error('nothing will ever wake it');
          // A timer that a wake does not settle would ring for ever.
          if (wakes > 0) expect(due).toBeGreaterThan(at);
          at = Math.max(at, due);
          state = step(state, { type: 'Wake' }, at).state;
        }
        expect(state !== undefined && isTerminal(state)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

function endsBy(event: ExecutionEvent, before: ExecutionState | undefined): number {
  if (event.type === 'ExecutionEnded') return 1;
  const revives = ['StageRetried', 'ConditionOverridden', 'ExecutionResumed'].includes(event.type);
  return revives && before?.endedAt !== undefined ? -1 : 0;
}

function named(what: string, arrows: readonly Arrow<string>[]): readonly string[] {
  return arrows.map(({ from, to }) => `${what} ${from ?? '-'} → ${to ?? '-'}`);
}
