import { expect } from 'vitest';
import { actionKey } from '../../worker/engine/ids.ts';
import type { ActionReport, Effect, ExecutionCommand, ExecutionEvent } from '../../worker/engine/messages.ts';
import type { Attempt, ExecutionState, Origin } from '../../worker/engine/model.ts';
import type { ExecutionPlan } from '../../worker/engine/plan.ts';
import { type Step, step } from '../../worker/engine/step.ts';
import { actionStatus, findAction } from '../../worker/engine/stages.ts';
import { anOrigin, T0 } from './factories.ts';
import { expectStorable } from './stored.ts';

type Report = DistributiveOmit<ActionReport, 'action' | 'attempt'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/**
 * One execution under test. Speaks given / when / then: commands move it, the clock moves by hand, and each assertion names
 * only what matters.
 */
export class Given {
  state: ExecutionState | undefined;
  now = T0;
  last: Step | undefined;
  readonly events: ExecutionEvent[] = [];
  readonly effects: Effect[] = [];

  static execution(plan: ExecutionPlan, origin: Partial<Origin> = {}, through = plan.stages.length - 1): Given {
    const given = new Given();
    return given.when({ type: 'Begin', origin: anOrigin(plan, origin), epoch: 1, through });
  }

  /** Another one at the same moment: what happens to it has not happened to this. */
  again(): Given {
    const other = new Given();
    other.state = this.state;
    other.now = this.now;
    return other;
  }

  when(command: ExecutionCommand): this {
    this.last = step(this.state, command, this.now);
    this.state = this.last.state;
    this.events.push(...this.last.events);
    this.effects.push(...this.last.effects);
    expectStorable({ ...this.last, state: this.state ?? null });
    return this;
  }

  /** A report about the action's current attempt, or about the one named. */
  report(action: string, report: Report, attempt = this.attempt(action).number): this {
    return this.when({ ...report, action: key(action), attempt });
  }

  succeed(action: string, variables: Record<string, string> = {}, artifacts: readonly string[] = []): this {
    return this.report(action, {
      type: 'ReportSucceeded',
      variables,
      artifacts: artifacts.map((name) => ({ name, digest: `sha256:${name}`, sizeBytes: 1 })),
    });
  }

  fail(action: string, message = 'exit 1'): this {
    return this.report(action, { type: 'ReportFailed', failure: { code: 'JobFailed', message } });
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Time passes and the alarm rings. */
  wakeAfter(ms: number): this {
    return this.after(ms).when({ type: 'Wake' });
  }

  thenStatus(status: ExecutionState['status']): this {
    expect(this.state?.status).toBe(status);
    return this;
  }

  thenStages(...statuses: readonly (string | undefined)[]): this {
    expect(this.state?.stages.map((stage) => stage.status)).toEqual(statuses);
    return this;
  }

  thenAction(action: string, status: string | undefined): this {
    const found = this.state === undefined ? undefined : findAction(this.state, key(action));
    expect(found === undefined ? 'no such action' : actionStatus(found.action)).toBe(status);
    return this;
  }

  thenEvents(...types: readonly ExecutionEvent['type'][]): this {
    expect(this.last?.events.map((event) => event.type)).toEqual(types);
    return this;
  }

  thenEffects(...effects: readonly Partial<Effect>[]): this {
    expect(this.last?.effects).toEqual(effects.map((effect): unknown => expect.objectContaining(effect)));
    return this;
  }

  thenRejected(code: string): this {
    expect(this.last?.rejection?.code).toBe(code);
    return this;
  }

  thenNothingHappened(): this {
    expect(this.last?.events).toEqual([]);
    expect(this.last?.effects).toEqual([]);
    return this;
  }

  attempt(action: string): Attempt {
    const attempt =
      this.state === undefined ? undefined : findAction(this.state, key(action))?.action.attempts.at(-1);
    if (attempt === undefined) throw new Error(`${action} has not been started`);
    return attempt;
  }
}

function key(action: string) {
  const [stage = '', name = ''] = action.split('/');
  return actionKey(stage, name);
}
