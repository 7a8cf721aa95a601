import { execute } from '../../../worker/effects/execute.ts';
import type { ExecutionId, Instant } from '../../../worker/engine/ids.ts';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import type { ExecutionState } from '../../../worker/engine/model.ts';
import { type Position, positionOf } from '../../../worker/engine/position.ts';
import type { ActionRun } from '../../../worker/engine/run.ts';
import { nextWakeAt } from '../../../worker/engine/timeouts.ts';
import { silentLog } from '../../../worker/kernel/log.ts';
import { ExecutionCore } from '../../../worker/objects/execution/execution-core.ts';
import { load } from '../../../worker/objects/execution/turn-log.ts';
import type { PendingEffect, Turn } from '../../../worker/objects/execution/turn-store.ts';
import type { ExecutionPeer } from '../../../worker/objects/peers.ts';
import type { Durable } from '../../../worker/objects/durable.ts';
import { PipelineCore } from '../../../worker/objects/pipeline/pipeline-core.ts';
import type { ActionProvider } from '../../../worker/providers/provider.ts';
import { T0 } from '../../support/factories.ts';
import { type PipelineImage, pipelineStore, turnStore } from '../stores.ts';

/**
 * The real cores, one step at a time: woken from storage, given one thing to do, and forgotten again. What comes out is everything that a
 * crash could leave: the storage after each commit, with what had been said by then. An object is thus evicted between any
 * two steps and may die at each commit within one.
 */
export interface Outcome<Image, Said> {
  readonly image: Image;
  readonly said: readonly Said[];
}

export interface ExecutionStore {
  readonly state: ExecutionState | undefined;
  readonly pending: readonly PendingEffect[];
  readonly alarmAt: Instant | undefined;
  /** Every object has a clock of its own, which moves only when one of its timers rings. */
  readonly now: Instant;
}

export type ExecutionSaid =
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'start' | 'cancel'; readonly job: string };

export type ExecutionInput =
  { readonly kind: 'command'; readonly command: ExecutionCommand } | { readonly kind: 'ring' | 'heal' };

export interface PipelineStorage {
  readonly image: PipelineImage;
  readonly alarmAt: Instant | undefined;
}

export type Grant = { readonly epoch: number; readonly through: number };

/** What a pipeline says to one execution. */
export type PipelineSaid = { readonly to: ExecutionId } & (
  | { readonly kind: 'begin'; readonly command: ExecutionCommand; readonly grant: Grant }
  | { readonly kind: 'admit'; readonly grant: Grant }
  | { readonly kind: 'supersede' | 'cancel' | 'refuse' | 'yield' | 'stop' }
);

/** The answer to a grant, or to being asked to yield, as it comes back to the pipeline. */
export interface Answered {
  readonly from: ExecutionId;
  readonly kind: 'begin' | 'admit' | 'yield';
  readonly epoch: number;
  readonly position: Position | undefined;
}

const PATIENCE_MS = 1_000;
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export async function stepExecution(
  before: ExecutionStore,
  input: ExecutionInput,
): Promise<readonly Outcome<ExecutionStore, ExecutionSaid>[]> {
  const image = { turns: before.state === undefined ? [] : [restored(before)] };
  const due = before.state === undefined ? undefined : nextWakeAt(before.state);
  let now = input.kind === 'ring' ? Math.max(before.now, due ?? 0) : before.now;
  const begunAt = now;
  const said: ExecutionSaid[] = [];
  const desk = new Desk<ExecutionStore, ExecutionSaid>(
    (alarmAt) => {
      const { state, pending } = load(turnStore(() => ({ turns: image.turns })));
      return { state, pending: pending.map((one, index) => ({ ...one, id: `0:${index}` })), alarmAt, now: begunAt };
    },
    () => {
      const { turns } = image;
      return () => (image.turns = turns);
    },
    said,
    before.alarmAt,
  );
  const core = new ExecutionCore({
    durable: desk.durable,
    store: turnStore(() => image),
    clock: { now: () => now },
    log: silentLog,
    armedAt: input.kind === 'ring' ? undefined : before.alarmAt,
    later: (_, callback) => desk.later.push(callback),
    execute: (request) =>
      execute(request, {
        providers: new Map([['Compute/Commands', world(said)]]),
        pipelines: {
          report: (_, __, ___, position) => {
            said.push({ kind: 'position', position });
            return never();
          },
          rollback: () => never(),
        },
        executions: { report: () => never() },
        publishSummary: () => Promise.resolve(),
        isClosing: () => Promise.resolve(false),
        reportStatus: () => Promise.resolve(),
      }),
    onTurn: () => undefined,
  });
  if (input.kind === 'command') core.submit(input.command);
  else if (input.kind === 'ring') core.ring();
  else core.heal();
  await settled();
  now += PATIENCE_MS;
  for (const callback of desk.later.splice(0)) callback();
  core.heal();
  await settled();
  return desk.outcomes(before);
}

export async function stepPipeline(
  before: PipelineStorage,
  act: (core: PipelineCore) => void,
  answered?: Answered,
): Promise<readonly Outcome<PipelineStorage, PipelineSaid>[]> {
  let image = { ...before.image };
  const said: PipelineSaid[] = [];
  const desk = new Desk<PipelineStorage, PipelineSaid>(
    (alarmAt) => ({ image: { ...image }, alarmAt }),
    () => {
      const kept = { ...image };
      return () => (image = kept);
    },
    said,
    before.alarmAt,
  );
  const answer = (from: ExecutionId, kind: Answered['kind'], epoch: number): Promise<Position | undefined> =>
    answered?.from === from && answered.kind === kind && answered.epoch === epoch
      ? Promise.resolve(answered.position)
      : never();
  const say = (to: ExecutionId, kind: 'supersede' | 'cancel' | 'refuse' | 'stop'): Promise<never> => {
    said.push({ to, kind });
    return never();
  };
  const executions: ExecutionPeer = {
    begin: async (origin, grant) => {
      said.push({ to: origin.id, kind: 'begin', command: { type: 'Begin', origin, ...grant }, grant });
      await answer(origin.id, 'begin', grant.epoch);
    },
    admit: (_, to, grant) => {
      said.push({ to, kind: 'admit', grant });
      return answer(to, 'admit', grant.epoch);
    },
    yield: (_, to) => {
      said.push({ to, kind: 'yield' });
      return answer(to, 'yield', 0);
    },
    supersede: (_, to) => say(to, 'supersede'),
    cancel: (_, to) => say(to, 'cancel'),
    refuse: (_, to) => say(to, 'refuse'),
    stop: (_, to) => say(to, 'stop'),
    report: () => never(),
    target: () => never(),
  };
  const core = new PipelineCore({
    durable: desk.durable,
    store: pipelineStore(() => image),
    clock: { now: () => T0 },
    log: silentLog,
    armedAt: before.alarmAt,
    later: () => undefined,
    executions,
    index: { publishPipeline: () => Promise.resolve(), publishSummary: () => Promise.resolve() },
    // It has no schedules.
    newExecutionId: () => '' as ExecutionId,
    scheduleGate: () => Promise.resolve(),
    onChange: () => undefined,
    onBegun: () => undefined,
  });
  act(core);
  await settled();
  return desk.outcomes(before);
}

export function positionNow({ state }: ExecutionStore): Position | undefined {
  return state === undefined ? undefined : positionOf(state);
}

/** The storage of one woken object: notes what each commit leaves, and what had been said before it. */
class Desk<Image, Said> {
  readonly later: (() => void)[] = [];
  readonly durable: Durable;
  readonly #commits: Outcome<Image, Said>[] = [];
  readonly #said: readonly Said[];

  constructor(
    taken: (alarmAt: Instant | undefined) => Image,
    keep: () => () => void,
    said: readonly Said[],
    armedAt: Instant | undefined,
  ) {
    this.#said = said;
    let alarmAt = armedAt;
    this.durable = {
      transact: (body) => {
        const [restore, alarm] = [keep(), alarmAt];
        try {
          const result = body();
          this.#commits.push({ image: taken(alarmAt), said: [...said] });
          return result;
        } catch (error) {
          restore();
          alarmAt = alarm;
          throw error;
        }
      },
      flush: () => Promise.resolve(),
      setAlarm: (at) => {
        alarmAt = at;
      },
      clearAlarm: () => {
        alarmAt = undefined;
      },
    };
  }

  outcomes(before: Image): readonly Outcome<Image, Said>[] {
    const last = this.#commits.at(-1)?.image ?? before;
    return [...this.#commits.slice(0, -1), { image: last, said: [...this.#said] }];
  }
}

function restored({ state, pending, now }: ExecutionStore): Turn {
  if (state === undefined) throw new Error('there is nothing to restore');
  return { seq: 1, at: now, version: 1, events: [], effects: [], done: [], snapshot: { state, pending } };
}

function world(said: ExecutionSaid[]): ActionProvider<ActionRun> {
  return {
    types: ['Compute/Commands'],
    start: ({ job }) => {
      said.push({ kind: 'start', job });
      return never();
    },
    poll: () => never(),
    cancel: ({ job }) => {
      said.push({ kind: 'cancel', job });
      return never();
    },
  };
}

/** Everything that can go on without an answer has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
