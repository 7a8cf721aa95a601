import { readdirSync, readFileSync } from 'node:fs';
import { evolve } from '../../worker/engine/evolve.ts';
import { actionKey } from '../../worker/engine/ids.ts';
import type { ActionReport, ExecutionCommand } from '../../worker/engine/messages.ts';
import type { ExecutionState, Origin } from '../../worker/engine/model.ts';
import type { ExecutionPlan } from '../../worker/engine/plan.ts';
import { findAction } from '../../worker/engine/stages.ts';
import { step } from '../../worker/engine/step.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import { EVENT_VERSION, upcast } from '../../worker/engine/upcast.ts';
import { executionView } from '../../worker/engine/view.ts';
import { append, type Folded, load } from '../../worker/objects/execution/turn-log.ts';
import type { Turn } from '../../worker/objects/execution/turn-store.ts';
import { type ExecutionImage, turnStore } from '../simulation/stores.ts';
import { anOrigin, T0 } from './factories.ts';

/** What the object of an execution has stored, and how the execution looked then. */
export interface EventLog {
  readonly story: string;
  readonly version: number;
  readonly turns: readonly Turn[];
  readonly view: unknown;
}

const FOLDER = new URL('../fixtures/event-logs/', import.meta.url);

export function folderOf(version: number): URL {
  return new URL(`v${version}/`, FOLDER);
}

/** All that was ever recorded, by path. */
export function recordedLogs(): ReadonlyMap<string, EventLog> {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
  return new Map(paths.map((path) => [path, JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8')) as EventLog]));
}

/** As the object finds it when it wakes: from the newest snapshot on. */
export function wake({ turns }: EventLog): ExecutionState | undefined {
  return load(turnStore(() => ({ turns }))).state;
}

/** From the first event on, whatever snapshots there are. */
export function replay({ turns }: EventLog): ExecutionState | undefined {
  return turns.reduce<ExecutionState | undefined>(
    (before, { version, events, at }) =>
      upcast(version, events).reduce<ExecutionState | undefined>((state, event) => evolve(state, event, at), before),
    undefined,
  );
}

type Report = DistributiveOmit<ActionReport, 'action' | 'attempt'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Writes an execution's turns down as its object does. */
export class Recorder {
  readonly #image: ExecutionImage = { turns: [] };
  #folded: Folded = { state: undefined, seq: 0, pending: [], turnsSinceSnapshot: 0 };
  #at = T0;

  constructor(plan: ExecutionPlan, origin: Partial<Origin> = {}, through = 9) {
    this.order({ type: 'Begin', origin: anOrigin(plan, origin), epoch: 1, through });
  }

  order(command: ExecutionCommand): this {
    const turn = step(this.#folded.state, command, this.#at);
    if (turn.rejection !== undefined) throw new Error(`${command.type}: ${turn.rejection.message}`);
    if (turn.events.length === 0) throw new Error(`${command.type} decides nothing`);
    const done = this.#folded.pending.map(({ id }) => id);
    this.#folded = append(
      turnStore(() => this.#image),
      this.#folded,
      turn,
      done,
      this.#at,
    );
    return this;
  }

  /** The pipeline lets it go so far. */
  admit(through: number): this {
    return this.order({ type: 'Admit', epoch: (this.#folded.state?.admission.epoch ?? 0) + 1, through });
  }

  /** A report about the attempt that was begun last. */
  report(action: string, report: Report): this {
    const [stage = '', name = ''] = action.split('/');
    const key = actionKey(stage, name);
    const found = this.#folded.state === undefined ? undefined : findAction(this.#folded.state, key);
    return this.order({ ...report, action: key, attempt: found?.action.attempts.at(-1)?.number ?? 0 });
  }

  succeed(action: string, variables: Record<string, string> = {}, artifacts: readonly string[] = []): this {
    const made = artifacts.map((name) => ({ name, digest: `sha256:${'a'.repeat(64)}`, sizeBytes: 7 }));
    return this.report(action, { type: 'ReportSucceeded', variables, artifacts: made });
  }

  fail(action: string, code: 'JobFailed' | 'ConditionUnmet' = 'JobFailed'): this {
    return this.report(action, { type: 'ReportFailed', failure: { code, message: 'It was not to be.' } });
  }

  after(ms: number): this {
    this.#at += ms;
    return this;
  }

  /** The next timer rings. */
  wake(): this {
    const due = this.#folded.state === undefined ? undefined : nextWakeAt(this.#folded.state);
    if (due === undefined) throw new Error('there is no timer');
    this.#at = Math.max(this.#at, due);
    return this.order({ type: 'Wake' });
  }

  log(story: string): EventLog {
    const { state } = this.#folded;
    if (state === undefined) throw new Error('it was not begun');
    return { story, version: EVENT_VERSION, turns: this.#image.turns, view: executionView(state) };
  }
}
