import type { ExecutionId, PipelineId, TenantId } from '../../worker/engine/ids.ts';
import type { ExecutionCommand } from '../../worker/engine/messages.ts';
import type { ExecutionState } from '../../worker/engine/model.ts';
import type {
  ActionPlan,
  ConditionPlace,
  ConditionPlan,
  ConditionResult,
  ExecutionPlan,
  StagePlan,
} from '../../worker/engine/plan.ts';
import { brokenInvariants } from '../../worker/engine/invariants.ts';
import { positionOf } from '../../worker/engine/position.ts';
import { rollbackTarget } from '../../worker/engine/rollback.ts';
import type { ActionRun } from '../../worker/engine/run.ts';
import type { ExecutionMode } from '../../worker/engine/admission.ts';
import type { ExecutionSummary } from '../../worker/engine/summary.ts';
import { currentAttempt, everyAction, isTerminal } from '../../worker/engine/stages.ts';
import { nextWakeAt } from '../../worker/engine/timeouts.ts';
import { execute } from '../../worker/effects/execute.ts';
import { silentLog } from '../../worker/kernel/log.ts';
import { ExecutionCore } from '../../worker/objects/execution/execution-core.ts';
import { load } from '../../worker/objects/execution/turn-log.ts';
import type { ExecutionPeer, PipelinePeer, RollbackAnswer, RollbackOrder } from '../../worker/objects/peers.ts';
import { PipelineCore } from '../../worker/objects/pipeline/pipeline-core.ts';
import { PoolCore } from '../../worker/objects/pool/pool-core.ts';
import { commands } from '../../worker/providers/commands.ts';
import { delay } from '../../worker/providers/delay.ts';
import type { ActionProvider, Progress } from '../../worker/providers/provider.ts';
import { aCondition, anAction, anApproval, aPlan } from '../support/factories.ts';
import { type Faults, Host, Network, type Node } from './host.ts';
import { Ledger, type PoolHost, SimulatedRunner } from './runner.ts';
import {
  emptyPipeline,
  type ExecutionImage,
  type PipelineImage,
  pipelineStore,
  poolStore,
  turnStore,
} from './stores.ts';
import { shapeOf } from './shape.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

type ExecutionHost = Host<ExecutionCore, ExecutionImage>;
type PipelineHost = Host<PipelineCore, PipelineImage>;

const TENANT = 'tenant' as TenantId;
const MINUTE = 60_000;
/** Faults happen during this long; afterwards everything must come to its end by itself. */
const FAULTY_MS = 20 * MINUTE;
/** Less than the day after which a job nobody takes gives up: nothing may depend on that deadline. */
const PATIENCE_MS = 20 * 60 * MINUTE;

export interface SimulationReport {
  readonly executions: number;
  readonly events: number;
  readonly crashes: number;
  readonly starts: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** How often each kind of event was stored. */
  readonly seen: Readonly<Record<string, number>>;
}

/** Some pipelines, a pool and a few runners in one world, with people who start, approve and stop. */
export class Simulation {
  readonly #world: World;
  readonly #faults: Faults;
  readonly #network: Network;
  readonly #ledger = new Ledger((job) => this.#checkStart(job));
  readonly #index = new Map<string, ExecutionSummary>();
  readonly #executions = new Map<ExecutionId, ExecutionHost>();
  readonly #pipelines: PipelineHost[] = [];
  readonly #pool: PoolHost;
  readonly #runners: SimulatedRunner[] = [];
  /** People and the index: they answer at once and never die. */
  readonly #outside: Node = { life: 0, flushed: () => Promise.resolve() };
  readonly #ended = new Map<ExecutionId, string>();
  readonly #accepted = new Set<ExecutionId>();
  /** Jobs have to wait for the one slot there is. */
  readonly #isCrowded: boolean;
  #crashes = 0;
  #events = 0;
  #rollbacks = 0;
  #orders = 0;
  readonly #seen: Record<string, number> = {};

  readonly #onShape: (shape: number) => void;

  /** `onShape` hears of every situation that an execution comes to. */
  constructor(seed: number, onShape: (shape: number) => void = () => undefined) {
    this.#onShape = onShape;
    this.#world = new World(seed);
    const { chance } = this.#world;
    const calm = chance.is(0.2);
    this.#faults = {
      on: !calm,
      lostRequest: chance.of([0, 0.02, 0.1]),
      lostReply: chance.of([0, 0.02, 0.1]),
      duplicate: chance.of([0, 0.05, 0.2]),
      slow: chance.of([0, 0.01, 0.05]),
    };
    this.#network = new Network(this.#world, this.#faults);
    this.#pool = this.#makePool();
    const count = chance.whole(1, 3);
    for (let index = 0; index < count; index += 1) this.#pipelines.push(this.#makePipeline(index));
    this.#isCrowded = chance.is(0.3);
    const runners = this.#isCrowded ? 1 : chance.whole(1, 3);
    for (let index = 0; index < runners; index += 1) this.#addRunner();
    this.#plot();
  }

  async run(): Promise<SimulationReport> {
    const start = this.#world.now;
    while (await this.#world.next(start + FAULTY_MS)) this.#afterEvent();
    this.#faults.on = false;
    this.#world.after(0, () => this.#everyoneIsWell());
    while (await this.#world.next(start + FAULTY_MS + PATIENCE_MS)) {
      this.#afterEvent();
      if (this.#isQuiet()) break;
    }
    this.#finalChecks();
    const statuses: Record<string, number> = {};
    for (const status of this.#ended.values()) statuses[status] = (statuses[status] ?? 0) + 1;
    return {
      executions: this.#accepted.size,
      events: this.#events,
      crashes: this.#crashes,
      starts: this.#ledger.starts.size,
      statuses,
      seen: this.#seen,
    };
  }

  // --- the world's furniture

  #makePool(): PoolHost {
    return new Host(
      this.#world,
      'pool',
      { jobs: {}, runners: {} },
      (host) =>
        new PoolCore({
          durable: host.durable(),
          store: poolStore(() => host.image),
          clock: { now: () => this.#world.now },
          log: silentLog,
          armedAt: host.alarmAt,
          later: this.#later(host),
          executions: this.#executionPeer(host),
          connected: () => this.#runners.flatMap((runner) => runner.toConnected() ?? []),
          send: (id, message) => this.#runners.find((runner) => runner.id === id)?.hear(message),
          disconnect: (id) => this.#runners.find((runner) => runner.id === id)?.disconnect(false),
          mintJobToken: () => Promise.resolve('token'),
          cleanResult: (_, result) => Promise.resolve(result),
        }),
    );
  }

  #makePipeline(index: number): PipelineHost {
    const host: PipelineHost = new Host(
      this.#world,
      `pipeline-${index}`,
      emptyPipeline(),
      (self) =>
        new PipelineCore({
          durable: self.durable(),
          store: pipelineStore(() => self.image),
          clock: { now: () => this.#world.now },
          log: silentLog,
          armedAt: self.alarmAt,
          later: this.#later(self),
          executions: this.#executionPeer(self),
          index: {
            publishPipeline: () => this.#network.call(self, this.#outside, () => undefined),
            publishSummary: (summary) => this.#publish(self, summary),
          },
          // It has no schedules.
          newExecutionId: () => '' as ExecutionId,
          scheduleGate: () => Promise.resolve(),
          onChange: () => undefined,
          onBegun: () => undefined,
        }),
    );
    const mode = this.#world.chance.of<ExecutionMode>(['SUPERSEDED', 'SUPERSEDED', 'QUEUED', 'PARALLEL']);
    this.#save(host, index, mode);
    return host;
  }

  #save(host: PipelineHost, index: number, mode: ExecutionMode, onUpdate?: 'cancel' | 'continue'): void {
    const plan = this.#anyPlan();
    host.core.save({
      tenant: TENANT,
      id: `pipe-${index}` as PipelineId,
      name: `pipe-${index}`,
      mode,
      createdBy: 'sim',
      digest: `${this.#world.chance.next()}`,
      variables: [],
      plan,
      document: '{}',
      ...(onUpdate === undefined ? {} : { onUpdate }),
    });
  }

  #makeExecution(id: ExecutionId): ExecutionHost {
    const existing = this.#executions.get(id);
    if (existing !== undefined) return existing;
    const made: ExecutionHost = new Host(
      this.#world,
      id,
      { turns: [] as ExecutionImage['turns'] },
      (host) =>
        new ExecutionCore({
          durable: host.durable(),
          store: turnStore(() => host.image),
          clock: { now: () => this.#world.now },
          log: silentLog,
          armedAt: host.alarmAt,
          later: this.#later(host),
          execute: (request) =>
            execute(request, {
              providers: this.#providers(host),
              pipelines: this.#pipelinePeer(host),
              executions: this.#executionPeer(host),
              isClosing: () => Promise.resolve(false),
              reportStatus: () => Promise.resolve(),
              publishSummary: (summary) => this.#publish(host, summary),
            }),
          onTurn: ({ events, state }) => {
            this.#onShape(shapeOf(state));
            const broken = brokenInvariants(state);
            if (broken.length > 0) throw new Violation(`${id}: ${broken.join(', ')}`);
            for (const { type } of events) this.#seen[type] = (this.#seen[type] ?? 0) + 1;
          },
        }),
    );
    this.#executions.set(id, made);
    return made;
  }

  #providers(host: Node): ReadonlyMap<string, ActionProvider<ActionRun>> {
    const providers: readonly ActionProvider<ActionRun>[] = [
      commands({
        enqueue: (run) => {
          const sentAt = this.#world.now;
          return this.#network.call(host, this.#pool, () => this.#pool.core.enqueue(run, sentAt));
        },
        cancel: (run, cause) =>
          this.#network.call(host, this.#pool, () => this.#pool.core.cancel(run.job, run.execution, cause)),
      }),
      delay,
      this.#anyRule(host),
    ];
    return new Map(providers.flatMap((provider) => provider.types.map((type) => [type, provider] as const)));
  }

  /** A rule that holds or does not as the dice fall, and sometimes cannot be asked. */
  #anyRule(host: Node): ActionProvider<ActionRun> {
    const { chance } = this.#world;
    const ask = (): Promise<Progress> =>
      this.#network.call(host, this.#outside, () => {
        if (chance.is(0.6)) return { kind: 'Succeeded', variables: {}, artifacts: [] };
        if (chance.is(0.1)) return { kind: 'Failed', code: 'SystemUnavailable', message: 'nobody there' };
        if (chance.is(0.2)) return { kind: 'Running', checkAfterMs: 2_000 };
        const checkAfterMs = chance.of([1_000, 30_000]);
        return { kind: 'Failed', code: 'ConditionUnmet', message: 'not now', checkAfterMs };
      });
    return { types: ['Rule/Any'], start: ask, poll: ask, cancel: () => Promise.resolve('Cancelled') };
  }

  #executionPeer(from: Node): ExecutionPeer {
    const to = <T>(id: ExecutionId, handle: (core: ExecutionCore) => T): Promise<T> => {
      const host = this.#makeExecution(id);
      return this.#network.call(from, host, () => handle(host.core));
    };
    const order = (id: ExecutionId, command: ExecutionCommand): Promise<void> =>
      to(id, (core) => void core.submit(command));
    return {
      begin: (origin, grant) => order(origin.id, { type: 'Begin', origin, ...grant }),
      admit: (_, id, grant) =>
        to(id, (core) => {
          const { state } = core.submit({ type: 'Admit', ...grant });
          return state === undefined ? undefined : positionOf(state);
        }),
      cancel: (_, id, { by, reason }) => order(id, { type: 'Cancel', by, reason }),
      refuse: (_, id, message) => order(id, { type: 'RefuseReturn', message }),
      target: (_, id) => to(id, ({ state }) => (state === undefined ? undefined : rollbackTarget(state))),
      yield: (_, id) =>
        to(id, (core) => {
          const { state } = core.submit({ type: 'Yield' });
          return state === undefined ? undefined : positionOf(state);
        }),
      supersede: (_, id) => order(id, { type: 'Supersede' }),
      stop: (_, id, by) => order(id, { type: 'Stop', abandon: true, by, reason: 'deleted' }),
      report: (_, id, report) => order(id, report),
    };
  }

  #pipelinePeer(from: Node): PipelinePeer {
    const named = (pipeline: PipelineId): PipelineHost => {
      const host = this.#pipelines[Number(pipeline.split('-')[1])];
      if (host === undefined) throw new Error(`no pipeline ${pipeline}`);
      return host;
    };
    return {
      report: (_, pipeline, execution, position) => {
        const host = named(pipeline);
        return this.#network.call(from, host, () => host.core.report(execution, position));
      },
      rollback: (_, pipeline, order) => {
        const host = named(pipeline);
        return this.#network.call(from, host, () => this.#rollback(host, order));
      },
    };
  }

  async #rollback(host: PipelineHost, order: RollbackOrder): Promise<RollbackAnswer> {
    return host.core.rollback(order, () => {
      this.#rollbacks += 1;
      return `r${this.#rollbacks}` as ExecutionId;
    });
  }

  #publish(from: Node, summary: ExecutionSummary): Promise<void> {
    return this.#network.call(from, this.#outside, () => {
      if ((this.#index.get(summary.id)?.seq ?? 0) < summary.seq) this.#index.set(summary.id, summary);
    });
  }

  #later(host: Node): (ms: number, callback: () => void) => void {
    return (ms, callback) => {
      const life = host.life;
      this.#world.after(ms, () => (life === host.life ? callback() : undefined));
    };
  }

  #addRunner(): void {
    const { chance } = this.#world;
    const id = `runner-${this.#runners.length}`;
    const parts = { world: this.#world, pool: this.#pool, ledger: this.#ledger, faults: this.#faults };
    this.#runners.push(new SimulatedRunner(id, this.#isCrowded ? 1 : chance.whole(1, 4), parts));
  }

  #anyPlan(): ExecutionPlan {
    const { chance } = this.#world;
    const anyAction = (name: string): ActionPlan => {
      const common = {
        runOrder: chance.whole(1, 2),
        retry: { attemptsMax: chance.whole(1, 3), backoffMs: chance.of([0, 500, 5_000]) },
        timeoutMs: chance.of([3_000, MINUTE, 30 * MINUTE]),
        onRunnerLoss: chance.of(['retry', 'hold', 'fail'] as const),
      };
      if (chance.is(0.15)) {
        const yields = chance.is(0.5) ? { yields: true as const } : {};
        const approval = { approvers: [], count: 1, self: true, ...yields };
        return anApproval(name, { runOrder: common.runOrder, timeoutMs: 10 * MINUTE, approval });
      }
      if (chance.is(0.3)) {
        const configuration = { Seconds: chance.of(['0', '0', '2', '90']) };
        return anAction(name, {
          ...common,
          type: 'Invoke/Delay',
          carrier: 'worker',
          configuration,
          timeoutMs: 5 * MINUTE,
        });
      }
      return anAction(name, {
        ...common,
        outputs: chance.is(0.5) ? [{ name: `out-${chance.next()}`, files: [] }] : [],
      });
    };
    const stages = Array.from({ length: chance.whole(1, 4) }, (_, index) => [
      `S${index}`,
      Array.from({ length: chance.whole(1, 3) }, (_, action) => anyAction(`a${action}`)),
    ]);
    const plan = aPlan(Object.fromEntries(stages) as Record<string, ActionPlan[]>);
    return { stages: plan.stages.map((stage) => this.#conditioned(stage)) };
  }

  #conditioned(stage: StagePlan): StagePlan {
    const { chance } = this.#world;
    const condition = (place: ConditionPlace, results: readonly ConditionResult[]): ConditionPlan =>
      aCondition(stage.name, place, {
        otherwise: chance.of(results),
        waitMs: 10 * MINUTE,
        rules: Array.from({ length: chance.whole(1, 2) }, (_, index) =>
          chance.is(0.7)
            ? anAction(`r${index}`, { type: 'Rule/Any', carrier: 'worker', timeoutMs: MINUTE })
            : anAction(`r${index}`, { type: 'Rule/Commands', timeoutMs: MINUTE }),
        ),
      });
    const retry = {
      mode: chance.of(['FAILED_ACTIONS', 'ALL_ACTIONS'] as const),
      retriesMax: chance.whole(1, 2),
      backoffMs: chance.of([0, 1_000]),
      on: [],
    };
    return {
      ...stage,
      ...(chance.is(0.25) ? { beforeEntry: condition('beforeEntry', ['FAIL', 'SKIP', 'WAIT', 'WAIT']) } : {}),
      ...(chance.is(0.15) ? { onSuccess: condition('onSuccess', ['FAIL', 'ROLLBACK']) } : {}),
      ...(chance.is(0.3)
        ? {
            onFailure: {
              rollback: chance.is(0.4),
              ...(chance.is(0.5) ? { retry } : {}),
              ...(chance.is(0.4) ? { condition: condition('onFailure', ['RETRY', 'ROLLBACK']) } : {}),
            },
          }
        : {}),
    };
  }

  // --- what happens in it

  #plot(): void {
    const { chance } = this.#world;
    const often = (ms: number, happen: () => void): void => {
      const again = (): void => {
        happen();
        if (this.#isFaulty()) this.#world.after(chance.between(0, 2 * ms), again);
      };
      this.#world.after(chance.between(0, 2 * ms), again);
    };
    const starts = chance.whole(1, 12);
    for (let start = 0; start < starts; start += 1) {
      this.#world.after(chance.between(0, chance.of([100, 60_000, FAULTY_MS / 2])), () => this.#start());
    }
    this.#people();
    if (chance.is(0.4)) often(5 * MINUTE, () => this.#stopSomething());
    if (chance.is(0.3)) often(8 * MINUTE, () => this.#saveSomething());
    if (chance.is(0.6)) often(2 * MINUTE, () => this.#bringBackSomething());
    if (chance.is(0.4)) often(6 * MINUTE, () => this.#rollBackSomething());
    if (chance.is(0.4)) often(4 * MINUTE, () => this.#switchTransition());
    if (!this.#faults.on) return;
    const pace = chance.of([5_000, 30_000, 120_000]);
    often(pace, () => this.#crashSomething());
    if (chance.is(0.5)) often(4 * pace, () => chance.of(this.#runners).crash());
    if (chance.is(0.5)) often(4 * pace, () => chance.of(this.#runners).disconnect(chance.is(0.5)));
    if (chance.is(0.3)) {
      often(6 * MINUTE, () => {
        chance.of(this.#runners).lose();
        this.#addRunner();
      });
    }
  }

  #isFaulty(): boolean {
    return this.#world.now < Date.UTC(2026, 0, 5, 9, 0, 0) + FAULTY_MS;
  }

  #everyoneIsWell(): void {
    if (this.#runners.every(({ isMachineDead }) => isMachineDead)) this.#addRunner();
  }

  #start(): void {
    const host = this.#world.chance.of(this.#pipelines);
    const id = `e${this.#accepted.size}-${this.#world.chance.whole(0, 1e9)}` as ExecutionId;
    // The caller repeats itself under the same id until it is answered.
    const attempt = (): void => {
      this.#network
        .call(this.#outside, host, () =>
          host.core.start({
            id,
            variables: {},
            revisions: {},
            trigger: { type: 'StartPipelineExecution', by: 'sim' },
            fingerprint: 'f',
            key: id,
          }),
        )
        .then(
          (outcome) => {
            if (outcome.ok) this.#accepted.add(outcome.id);
          },
          () => this.#world.after(1_000, attempt),
        );
    };
    attempt();
  }

  /** People answer approvals and holds some time after they come up, and in the end open what they have closed. */
  #people(): void {
    const { chance } = this.#world;
    for (const pipeline of this.#isFaulty() ? [] : this.#pipelines) {
      for (const stage of Object.keys(pipeline.core.head?.transitions ?? {})) {
        pipeline.core.setTransition(stage, { enabled: true, by: 'sim', reason: '' });
      }
    }
    for (const [id, host] of this.#executions) {
      // To look at an execution wakes it; while things go wrong, some must also be left asleep.
      const state = this.#isFaulty() ? this.#stateOf(host) : host.core.state;
      if (state === undefined || isTerminal(state)) continue;
      for (const action of state.stages.flatMap(({ actions }) => actions)) {
        const kind = currentAttempt(action)?.phase.kind;
        if (kind === 'AwaitingApproval' && chance.is(0.5)) {
          const result = chance.is(0.8) ? 'Approved' : 'Rejected';
          this.#order(id, { type: 'AnswerApproval', action: action.key, result, summary: '', by: 'sim' });
        }
        if (kind === 'Held' && chance.is(0.5)) {
          const resolution = chance.is(0.7) ? 'Retry' : 'Fail';
          this.#order(id, { type: 'ResolveHold', action: action.key, resolution, by: 'sim' });
        }
      }
    }
    this.#world.after(this.#isFaulty() ? chance.between(1_000, 60_000) : 5 * MINUTE, () => this.#people());
  }

  #order(id: ExecutionId, command: ExecutionCommand): void {
    const host = this.#makeExecution(id);
    this.#network.call(this.#outside, host, () => void host.core.submit(command)).catch(() => undefined);
  }

  #stopSomething(): void {
    const { chance } = this.#world;
    const ids = [...this.#accepted];
    if (ids.length === 0) return;
    const id = chance.of(ids);
    const abandon = chance.is(0.5);
    for (const pipeline of this.#pipelines) {
      this.#network.call(this.#outside, pipeline, () => pipeline.core.withdraw(id)).catch(() => undefined);
    }
    this.#order(id, { type: 'Stop', abandon, by: 'sim', reason: '' });
  }

  #saveSomething(): void {
    const index = this.#world.chance.whole(0, this.#pipelines.length - 1);
    const host = this.#pipelines[index];
    const onUpdate = this.#world.chance.of(['cancel', 'continue'] as const);
    if (host !== undefined) this.#save(host, index, host.core.head?.mode ?? 'SUPERSEDED', onUpdate);
  }

  /** Retries, resumes and overrides, most of them of things that have failed. */
  #bringBackSomething(): void {
    const { chance } = this.#world;
    const states = [...this.#executions.entries()].flatMap(([id, host]) => {
      const state = this.#stateOf(host);
      return state === undefined ? [] : [{ id, state }];
    });
    if (states.length === 0) return;
    const failed = states.filter(({ state }) => state.status === 'Failed' || state.status === 'Stopped');
    const { id, state } = chance.of(failed.length > 0 && chance.is(0.8) ? failed : states);
    const stage = state.stages[chance.is(0.8) ? state.admission.stage : 0]?.name ?? 'S0';
    const mode = chance.of(['FAILED_ACTIONS', 'ALL_ACTIONS'] as const);
    const place = chance.of(['beforeEntry', 'onSuccess'] as const);
    this.#order(
      id,
      chance.of<ExecutionCommand>([
        { type: 'RetryStage', stage, mode, by: 'sim' },
        { type: 'RetryStage', stage, mode, by: 'sim' },
        { type: 'Resume', stage, by: 'sim' },
        { type: 'OverrideCondition', stage, place, by: 'sim' },
      ]),
    );
  }

  #rollBackSomething(): void {
    const { chance } = this.#world;
    const host = chance.of(this.#pipelines);
    const target = chance.is(0.5) ? chance.of([...this.#executions.keys(), 'nobody' as ExecutionId]) : undefined;
    this.#orders += 1;
    const order: RollbackOrder = {
      key: `order-${this.#orders}`,
      stage: `S${chance.whole(0, 3)}`,
      trigger: { type: 'ManualRollback', by: 'sim' },
      ...(target === undefined ? {} : { target }),
    };
    this.#network.call(this.#outside, host, () => this.#rollback(host, order)).catch(() => undefined);
  }

  #switchTransition(): void {
    const { chance } = this.#world;
    const host = chance.of(this.#pipelines);
    const change = { enabled: chance.is(0.5), by: 'sim', reason: `${chance.whole(0, 2)}` };
    const stage = `S${chance.whole(0, 3)}`;
    this.#network.call(this.#outside, host, () => host.core.setTransition(stage, change)).catch(() => undefined);
  }

  #crashSomething(): void {
    const { chance } = this.#world;
    const hosts = [...this.#executions.values(), ...this.#pipelines, this.#pool, this.#pool];
    const victims = chance.is(0.15) ? hosts : [chance.of(hosts)];
    this.#crashes += 1;
    for (const victim of victims) {
      if (chance.is(0.2)) void victim.evict();
      else {
        victim.crash();
        if (victim === this.#pool) for (const runner of this.#runners) runner.poolDied();
      }
    }
  }

  // --- what must never and what must finally be

  #stateOf(host: ExecutionHost): ExecutionState | undefined {
    return host.isAwake ? host.core.state : undefined;
  }

  #afterEvent(): void {
    this.#events += 1;
    // Every event matters, but looking at each would be all that the simulation does.
    if (this.#events % 3 !== 0) return;
    this.#checkLedger();
    this.#checkStages();
    for (const [id, host] of this.#executions) {
      const state = this.#stateOf(host);
      if (state === undefined) continue;
      this.#checkEnd(id, state);
      const due = nextWakeAt(state);
      if (due !== undefined && (host.alarmAt ?? Number.POSITIVE_INFINITY) > due + 1) {
        throw new Violation(`${id} is due at ${due} but its alarm is at ${host.alarmAt ?? 'never'}`);
      }
    }
  }

  /** Nothing starts for an attempt that is over, however late the message that made it start. */
  #checkStart(job: string): void {
    const [execution = '', action, attempt] = job.split(':');
    const host = this.#executions.get(execution as ExecutionId);
    const state = host === undefined ? undefined : foldOf(host.durableImage);
    const found = state?.stages
      .flatMap(everyAction)
      .find(({ key }) => key === action)
      ?.attempts.find(({ number }) => number === Number(attempt));
    if (found === undefined) throw new Violation(`${job} started without a record of it`);
    // A rule changes nothing in the world, so nobody waits until its cancel is confirmed.
    const isRule = action?.includes('~') === true;
    if (isRule && found.phase.kind === 'Ended' && found.phase.status === 'Abandoned') return;
    if (found.phase.kind === 'Ended' || found.phase.kind === 'Held') {
      throw new Violation(`${job} started although it is ${JSON.stringify(found.phase)}`);
    }
  }

  #checkLedger(): void {
    for (const [job, count] of this.#ledger.starts) {
      if (count > 1) throw new Violation(`${job} was started ${count} times`);
    }
  }

  /** Executions of one pipeline are never in the same stage, and their ranges are disjoint. */
  #checkStages(): void {
    for (const pipeline of this.#pipelines) {
      if (!pipeline.isAwake || pipeline.core.head?.mode === 'PARALLEL') continue;
      const owned = new Map<string, ExecutionId>();
      for (const { live } of pipeline.core.rows) {
        if (live.waiting) continue;
        for (const stage of live.stages.slice(live.at, live.through + 1)) {
          const other = owned.get(stage);
          if (other !== undefined) {
            throw new Violation(`${pipeline.name}: ${stage} is owned by ${other} and ${live.id}`);
          }
          owned.set(stage, live.id);
        }
      }
      const inside = new Map<string, ExecutionId>();
      for (const [id, host] of this.#executions) {
        const state = this.#stateOf(host);
        if (state === undefined || isTerminal(state) || state.pipeline.id !== pipeline.core.head?.id) continue;
        for (const stage of state.stages) {
          if (stage.status !== 'InProgress' && stage.status !== 'Stopping') continue;
          const other = inside.get(stage.name);
          if (other !== undefined) {
            throw new Violation(`${pipeline.name}: ${other} and ${id} are both in ${stage.name}`);
          }
          inside.set(stage.name, id);
        }
      }
    }
  }

  #checkEnd(id: ExecutionId, state: ExecutionState): void {
    const before = this.#ended.get(id);
    // Failed and Stopped are the ends that somebody may take back; the others are for good.
    const isFinal = before !== undefined && before !== 'Failed' && before !== 'Stopped';
    if (isFinal && before !== state.status) {
      throw new Violation(`${id} went from ${before} to ${state.status}`);
    }
    // Only what a crash cannot take back is an end.
    if (
      isTerminal(state) &&
      this.#makeExecution(id)
        .durableImage.turns.at(-1)
        ?.events.some(({ type }) => type === 'ExecutionEnded')
    ) {
      this.#ended.set(id, state.status);
    }
  }

  #isQuiet(): boolean {
    if (this.#world.now < Date.UTC(2026, 0, 5, 9, 0, 0) + FAULTY_MS) return false;
    const hosts = [...this.#executions.values()];
    return (
      hosts.every((host) => host.alarmAt === undefined) &&
      this.#pipelines.every((host) => host.alarmAt === undefined && host.core.rows.length === 0) &&
      this.#pool.core.jobs().every(({ phase }) => phase.kind === 'Over') &&
      this.#runners.every((runner) => runner.isMachineDead || runner.holdsNothing)
    );
  }

  #finalChecks(): void {
    this.#checkLedger();
    for (const id of new Set([...this.#accepted, ...this.#executions.keys()])) {
      // A request may have been answered by an object that was never begun.
      if (!this.#accepted.has(id) && this.#makeExecution(id).core.state === undefined) continue;
      const state = this.#makeExecution(id).core.state;
      const summary = this.#index.get(id);
      if (summary === undefined) throw new Violation(`${id} was accepted and is not in the index`);
      const status = state?.status ?? summary.status;
      if (status === 'InProgress' || status === 'Stopping') throw new Violation(`${id} is stuck: ${status}`);
      if (summary.status !== status) throw new Violation(`${id} is ${status} but the index says ${summary.status}`);
      this.#ended.set(id, status);
    }
    for (const pipeline of this.#pipelines) {
      const left = pipeline.core.rows.map(({ live }) => live.id);
      if (left.length > 0) throw new Violation(`${pipeline.name} still has ${left.join(', ')}`);
    }
    const jobs = this.#pool.core.jobs().filter(({ phase }) => phase.kind !== 'Over');
    if (jobs.length > 0) throw new Violation(`jobs are left: ${jobs.map(({ id }) => id).join(', ')}`);
    if (this.#ledger.running.size > 0) throw new Violation(`still running: ${[...this.#ledger.running].join(', ')}`);
  }
}

function foldOf(image: ExecutionImage): ExecutionState | undefined {
  return load(turnStore(() => image)).state;
}
