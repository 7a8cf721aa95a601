import type { ExecutionId, PipelineId, TenantId } from '../../../worker/engine/ids.ts';
import { brokenInvariants } from '../../../worker/engine/invariants.ts';
import type { ExecutionCommand } from '../../../worker/engine/messages.ts';
import type { ExecutionState } from '../../../worker/engine/model.ts';
import type { Position } from '../../../worker/engine/position.ts';
import { requestFor } from '../../../worker/engine/request.ts';
import { currentAttempt, everyAction, isTerminal } from '../../../worker/engine/stages.ts';
import { nextWakeAt } from '../../../worker/engine/timeouts.ts';
import type { PipelineCore } from '../../../worker/objects/pipeline/pipeline-core.ts';
import { T0 } from '../../support/factories.ts';
import type { PositionAnswer } from '../../../worker/objects/peers.ts';
import { emptyPipeline } from '../stores.ts';
import { Violation } from '../violation.ts';
import { executionKey, pipelineKey } from './key.ts';
import type { Order, Scenario } from './scenario.ts';
import {
  type Answered,
  type ExecutionInput,
  type ExecutionStore,
  type Outcome,
  type PipelineSaid,
  type PipelineStorage,
  positionNow,
  stepExecution,
  stepPipeline,
} from './shells.ts';

const IDS = ['e1' as ExecutionId, 'e2' as ExecutionId];
const FINAL = ['Succeeded', 'Superseded', 'Cancelled'];

export interface Exploration {
  readonly name: string;
  readonly states: number;
  readonly transitions: number;
  /** Different states of each kind of object, and steps that were really taken with them. */
  readonly objects: number;
  readonly steps: number;
  /** States in which nothing is left to do. */
  readonly ends: number;
}

/** One state of everything: numbers into the tables below. */
interface Whole {
  readonly executions: readonly [number, number];
  readonly pipeline: number;
  /** What became of each job that ever started, by its name. */
  readonly jobs: string;
  /** Messages that were said and may arrive, by number. */
  readonly messages: readonly number[];
  readonly started: number;
  readonly ordered: number;
}

type Message =
  | { readonly to: 0 | 1; readonly said: PipelineSaid }
  | { readonly to: 'pipeline'; readonly from: 0 | 1; readonly position: Position }
  | { readonly to: 'answer'; readonly answered: Answered };

interface Local {
  readonly id: number;
  readonly messages: readonly number[];
}

/** What one execution would say if it were asked to say everything that is owed. */
interface Owed {
  readonly messages: readonly number[];
  readonly starts: readonly string[];
  readonly cancels: readonly string[];
}

/**
 * Breadth first through everything that two executions, their pipeline and the world can do to each other. Messages may arrive in any
 * order, any number of times, or never; every object may die at each of its commits. What is left out stands in docs/proof.md.
 */
export class Explorer {
  readonly #scenario: Scenario;
  readonly #executions = new Table<ExecutionStore>(executionKey);
  readonly #pipelines = new Table<PipelineStorage>(pipelineKey);
  readonly #messages = new Table<Message>((message) => JSON.stringify(message, withoutPlan));
  readonly #memo = new Map<string, readonly Local[]>();
  readonly #owed = new Map<number, Owed>();
  readonly #seen = new Map<string, number>();
  readonly #wholes: Whole[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #how: string[] = [];
  readonly #parent: number[] = [];
  readonly #ends: number[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  async run(statesMax = Number.POSITIVE_INFINITY): Promise<Exploration> {
    await this.#begin();
    for (let index = 0; index < this.#wholes.length; index += 1) {
      if (this.#wholes.length > statesMax) {
        throw new Violation(`${this.#scenario.name}: more than ${statesMax} states`);
      }
      try {
        await this.#expand(index);
      } catch (error) {
        throw new Violation(`${this.#scenario.name}: ${String(error)}\n${this.#path(index)}`, { cause: error });
      }
    }
    this.#checkEnds();
    return {
      name: this.#scenario.name,
      states: this.#wholes.length,
      transitions: this.#to.length,
      objects: this.#executions.size + this.#pipelines.size,
      steps: this.#memo.size,
      ends: this.#ends.length,
    };
  }

  async #begin(): Promise<void> {
    const nothing: ExecutionStore = { state: undefined, pending: [], alarmAt: undefined, now: T0 };
    const none = this.#executions.of(nothing);
    const { plan, mode } = this.#scenario;
    const saved = await stepPipeline({ image: emptyPipeline(), alarmAt: undefined }, (core) => {
      core.save({
        tenant: 'tenant' as TenantId,
        id: 'pipe' as PipelineId,
        name: 'pipe',
        mode,
        createdBy: 'p',
        digest: 'd',
        variables: [],
        plan,
        document: '{}',
      });
    });
    const image = saved.at(-1)?.image;
    if (image === undefined) throw new Error('nothing was saved');
    const pipeline = this.#pipelines.of(image);
    await this.#reach(-1, 'begin', {
      executions: [none, none],
      pipeline,
      jobs: '',
      messages: [],
      started: 0,
      ordered: 0,
    });
  }

  // --- every next state

  async #expand(index: number): Promise<void> {
    const whole = this.#wholes[index];
    if (whole === undefined) return;
    if (whole.started < 2) {
      const id = IDS[whole.started] ?? ('' as ExecutionId);
      for (const next of await this.#atPipeline(
        whole.pipeline,
        `start ${id}`,
        (core) => void core.start(orderOf(id)),
      )) {
        await this.#reach(index, `start ${id}`, withPipeline({ ...whole, started: whole.started + 1 }, next));
      }
    }
    for (const message of whole.messages) await this.#deliver(index, whole, message);
    for (const local of await this.#atPipeline(whole.pipeline, 'poke', (core) => core.poke())) {
      await this.#reach(index, 'the pipeline is woken', withPipeline(whole, local));
    }
    for (const who of [0, 1] as const) await this.#work(index, whole, who);
    for (const [number, order] of this.#scenario.orders.entries()) {
      const isOpening = 'enabled' in order && order.enabled;
      if (isOpening && (whole.ordered & (1 << (number - 1))) === 0) continue;
      if ((whole.ordered & (1 << number)) === 0) {
        await this.#order(index, { ...whole, ordered: whole.ordered | (1 << number) }, order);
      }
    }
    if (this.#isAtRest(whole)) this.#ends.push(index);
  }

  async #deliver(index: number, whole: Whole, number: number): Promise<void> {
    const how = (): string => `deliver ${this.#messages.key(number)}`;
    // A question that comes after the execution has moved on makes a row each time; once will do.
    const messages = this.#isLate(whole, number) ? whole.messages.filter((one) => one !== number) : whole.messages;
    for (const { locals, change } of await this.#arrivals(whole, number)) {
      for (const local of locals) await this.#reach(index, how(), change({ ...whole, messages }, local));
    }
  }

  #isLate(whole: Whole, number: number): boolean {
    const message = this.#messages.at(number);
    if (message.to !== 'pipeline' || message.position.kind !== 'Returning') return false;
    const now = positionNow(this.#executions.at(whole.executions[message.from]));
    return now !== undefined && now.step > message.position.step;
  }

  /** What a message does when it arrives: at an execution, its answer goes back to the pipeline as another message. */
  async #arrivals(whole: Whole, number: number) {
    const message = this.#messages.at(number);
    if (message.to === 'pipeline') {
      const { from } = message;
      const position = this.#scenario.misheard?.(message.position) ?? message.position;
      const id = IDS[from] ?? ('' as ExecutionId);
      const answers: number[] = [];
      const act = (core: PipelineCore): void => {
        const said = saidIn(id, core.report(id, position));
        if (said !== undefined) answers.push(this.#messages.of({ to: from, said }));
      };
      const locals = await this.#atPipeline(whole.pipeline, `m${number}`, act, undefined, answers);
      return [{ locals, change: withPipeline }];
    }
    if (message.to === 'answer') {
      const act = (core: PipelineCore): void => core.poke();
      const locals = await this.#atPipeline(whole.pipeline, `m${number}`, act, message.answered);
      return [{ locals, change: withPipeline }];
    }
    const { to, said } = message;
    const command = commandOf(said);
    const locals = await this.#atExecution(
      whole.executions[to],
      `m${number}`,
      { kind: 'command', command },
      (store) => {
        if (said.kind !== 'admit' && said.kind !== 'yield') return [];
        const epoch = said.kind === 'admit' ? said.grant.epoch : 0;
        const answered: Answered = { from: said.to, kind: said.kind, epoch, position: positionNow(store) };
        return [this.#messages.of({ to: 'answer', answered })];
      },
    );
    return [{ locals, change: (before: Whole, local: Local) => withExecution(before, to, local) }];
  }

  /** What the world does with the jobs of one execution, and what time does. */
  async #work(index: number, whole: Whole, of: 0 | 1): Promise<void> {
    const id = whole.executions[of];
    const { starts, cancels } = await this.#owes(id);
    for (const job of starts) {
      if (fateOf(whole.jobs, job) !== undefined) continue;
      this.#checkStart(this.#executions.at(id).state, job);
      if (this.#scenario.times) {
        await this.#reach(index, `start ${job}`, { ...whole, jobs: withFate(whole.jobs, job, 'r') });
      }
    }
    if (!this.#scenario.times) await this.#finish(index, whole, of, [...starts, ...cancels]);
    for (const job of cancels) {
      const fate = fateOf(whole.jobs, job);
      if (fate !== undefined && fate !== 'r') continue;
      await this.#reach(index, `cancel ${job}`, { ...whole, jobs: withFate(whole.jobs, job, 'c') });
    }
    for (const [job, fate] of fates(whole.jobs)) {
      if (!job.startsWith(`${IDS[of] ?? ''}:`)) continue;
      if (fate === 'r') {
        await this.#reach(index, `${job} succeeds`, { ...whole, jobs: withFate(whole.jobs, job, 's') });
        if (this.#scenario.fails) {
          await this.#reach(index, `${job} fails`, { ...whole, jobs: withFate(whole.jobs, job, 'f') });
        }
        continue;
      }
      const input: ExecutionInput = { kind: 'command', command: reportOf(job, fate) };
      for (const local of await this.#atExecution(id, `${job}${fate}`, input)) {
        await this.#reach(index, `report ${job} ${fate}`, withExecution(whole, of, local));
      }
    }
    if (!this.#scenario.times || this.#executions.at(id).state === undefined) return;
    for (const local of await this.#atExecution(id, 'ring', { kind: 'ring' })) {
      await this.#reach(index, `${IDS[of] ?? ''} is woken`, withExecution(whole, of, local));
    }
  }

  /**
   * A job that runs and one that has not begun are told apart only where a deadline may pass; else each may end at any moment, and its
   * report arrives then, or never.
   */
  async #finish(index: number, whole: Whole, of: 0 | 1, jobs: readonly string[]): Promise<void> {
    for (const job of jobs) {
      if (fateOf(whole.jobs, job) !== undefined) continue;
      for (const fate of this.#scenario.fails ? ['s', 'f'] : ['s']) {
        const over = { ...whole, jobs: withFate(whole.jobs, job, fate) };
        const input: ExecutionInput = { kind: 'command', command: reportOf(job, fate) };
        for (const local of await this.#atExecution(whole.executions[of], `${job}${fate}`, input)) {
          if (local.id !== whole.executions[of]) {
            await this.#reach(index, `report ${job} ${fate}`, withExecution(over, of, local));
          }
        }
      }
    }
  }

  async #order(index: number, whole: Whole, order: Order): Promise<void> {
    const how = JSON.stringify(order);
    if (order.to !== 'pipeline') {
      const id = whole.executions[order.to];
      if (this.#executions.at(id).state === undefined) return;
      for (const local of await this.#atExecution(id, how, { kind: 'command', command: order.command })) {
        // What is refused may be ordered again.
        if (local.id !== id) await this.#reach(index, how, withExecution(whole, order.to, local));
      }
      return;
    }
    const act = (core: PipelineCore): void => {
      if ('withdraw' in order) core.withdraw(IDS[order.withdraw] ?? ('' as ExecutionId));
      else core.setTransition(order.stage, { enabled: order.enabled, by: 'p', reason: '' });
    };
    for (const local of await this.#atPipeline(whole.pipeline, how, act)) {
      if (local.id !== whole.pipeline) await this.#reach(index, how, withPipeline(whole, local));
    }
  }

  // --- one step of one object; each is taken once, whatever the others are at

  async #atExecution(
    id: number,
    name: string,
    input: ExecutionInput,
    answer: (store: ExecutionStore) => readonly number[] = () => [],
  ): Promise<readonly Local[]> {
    const memo = `e${id} ${name}`;
    const known = this.#memo.get(memo);
    if (known !== undefined) return known;
    const before = this.#executions.at(id);
    const outcomes = await stepExecution(before, input);
    const last = outcomes.length - 1;
    const locals = outcomes.map(({ image }, index): Local => {
      const store = tidied(image);
      checkStep(before, store);
      return { id: this.#executions.of(store), messages: index === last ? answer(store) : [] };
    });
    this.#memo.set(memo, locals);
    return locals;
  }

  async #atPipeline(
    id: number,
    name: string,
    act: (core: PipelineCore) => void,
    answered?: Answered,
    answers: readonly number[] = [],
  ): Promise<readonly Local[]> {
    const memo = `p${id} ${name}`;
    const known = this.#memo.get(memo);
    if (known !== undefined) return known;
    const outcomes = await stepPipeline(this.#pipelines.at(id), act, answered);
    const last = outcomes.length - 1;
    const locals = outcomes.map(({ image }, index): Local => {
      checkRanges(image, name.startsWith('m') ? this.#messages.key(Number(name.slice(1))) : name);
      return { id: this.#pipelines.of(image), messages: index === last ? answers : [] };
    });
    this.#memo.set(memo, locals);
    return locals;
  }

  async #owes(id: number): Promise<Owed> {
    const known = this.#owed.get(id);
    if (known !== undefined) return known;
    const store = this.#executions.at(id);
    const of = IDS.indexOf(store.state?.id ?? IDS[0]!) as 0 | 1;
    const said = store.state === undefined ? [] : ((await stepExecution(store, { kind: 'heal' })).at(-1)?.said ?? []);
    const owed: Owed = {
      messages: said.flatMap((one) =>
        one.kind === 'position' ? [this.#messages.of({ to: 'pipeline', from: of, position: one.position })] : [],
      ),
      starts: [...new Set(said.flatMap((one) => (one.kind === 'start' ? [one.job] : [])))],
      cancels: [...new Set(said.flatMap((one) => (one.kind === 'cancel' ? [one.job] : [])))],
    };
    this.#owed.set(id, owed);
    return owed;
  }

  /** What the pipeline owes: it is asked to say everything again. */
  async #tells(id: number): Promise<readonly number[]> {
    const known = this.#memo.get(`tells ${id}`);
    if (known !== undefined) return known[0]?.messages ?? [];
    const outcomes: readonly Outcome<PipelineStorage, PipelineSaid>[] = await stepPipeline(
      this.#pipelines.at(id),
      (core) => core.poke(),
    );
    const messages = (outcomes.at(-1)?.said ?? []).map((said) =>
      this.#messages.of({ to: IDS.indexOf(said.to) as 0 | 1, said }),
    );
    this.#memo.set(`tells ${id}`, [{ id, messages }]);
    return messages;
  }

  // --- states

  async #reach(parent: number, how: string, reached: Whole): Promise<void> {
    const whole = await this.#normal(reached);
    const key = keyOf(whole);
    let index = this.#seen.get(key);
    if (index === undefined) {
      index = this.#wholes.length;
      this.#seen.set(key, index);
      this.#wholes.push(whole);
      this.#parent.push(parent);
      this.#how.push(how);
      this.#checkWhole(whole);
    }
    if (parent === -1 || parent === index) return;
    this.#from.push(parent);
    this.#to.push(index);
  }

  /** Everything that is owed counts as said; what would change nothing any more counts as lost. */
  async #normal(whole: Whole): Promise<Whole> {
    const [one, other] = [await this.#owes(whole.executions[0]), await this.#owes(whole.executions[1])];
    const told = await this.#tells(whole.pipeline);
    const all = [...new Set([...whole.messages, ...one.messages, ...other.messages, ...told])];
    const kept: number[] = [];
    for (const message of all) if (!(await this.#isVain(whole, message, 2))) kept.push(message);
    return { ...whole, messages: kept.sort((a, b) => a - b), jobs: await this.#untold(whole) };
  }

  /** Without the jobs whose end is known: their attempts are over, so that they never start again. */
  async #untold({ jobs, executions }: Whole): Promise<string> {
    let left = jobs;
    for (const [job, fate] of fates(jobs)) {
      const id = executions[IDS.findIndex((one) => job.startsWith(`${one}:`))];
      if (fate === 'r' || id === undefined) continue;
      const locals = await this.#atExecution(id, `${job}${fate}`, { kind: 'command', command: reportOf(job, fate) });
      if (locals.every((local) => local.id === id)) left = withFate(left, job, undefined);
    }
    return left;
  }

  async #isVain(whole: Whole, number: number, depth: number): Promise<boolean> {
    for (const { locals, change } of await this.#arrivals(whole, number)) {
      for (const local of locals) {
        const after = change(whole, local);
        if (
          after.pipeline !== whole.pipeline ||
          after.executions.some((id, index) => id !== whole.executions[index])
        ) {
          return false;
        }
        for (const answer of local.messages) {
          if (depth === 0 || !(await this.#isVain(whole, answer, depth - 1))) return false;
        }
      }
    }
    return true;
  }

  #isAtRest({ executions, pipeline, started }: Whole): boolean {
    if (started < 2 || this.#pipelines.at(pipeline).image.live.length > 0) return false;
    return executions.every((id) => {
      const { state } = this.#executions.at(id);
      return state === undefined || isTerminal(state);
    });
  }

  #checkWhole({ executions, pipeline }: Whole): void {
    if (this.#scenario.mode === 'PARALLEL') return;
    const inside = executions.flatMap((id) => {
      const { state } = this.#executions.at(id);
      if (state === undefined || isTerminal(state)) return [];
      return state.stages
        .filter(({ status }) => status === 'InProgress' || status === 'Stopping')
        .map(({ name }) => name);
    });
    if (new Set(inside).size < inside.length) throw new Violation(`I6 both are in ${inside.join(' and ')}`);
    for (const { live } of this.#pipelines.at(pipeline).image.live) {
      const store = this.#executions.at(executions[IDS.indexOf(live.id)] ?? 0);
      const { state } = store;
      if (state === undefined || isTerminal(state) || state.returning !== undefined) continue;
      const { stage, waiting } = state.admission;
      // Whoever is inside a stage is known to be allowed to.
      if (!waiting && state.stages[stage]?.status !== undefined && (live.waiting ? -1 : live.through) < stage) {
        throw new Violation(
          `I6 ${live.id} is in ${stage}, but the pipeline lets it go to ${live.through} only: ${JSON.stringify(live)}`,
        );
      }
    }
  }

  #checkStart(state: ExecutionState | undefined, job: string): void {
    const [, key, attempt] = job.split(':');
    const action = (state?.stages ?? []).flatMap(everyAction).find((one) => one.key === key);
    const current = action === undefined ? undefined : currentAttempt(action);
    const isOpen = current?.number === Number(attempt) && current.phase.kind === 'Running';
    if (!isOpen) throw new Violation(`I2 ${job} would start, but is ${current?.phase.kind ?? 'not recorded'}`);
  }

  /** L1, L2: from every state there is a way to an end. */
  #checkEnds(): void {
    const canEnd = new Uint8Array(this.#wholes.length);
    for (const end of this.#ends) canEnd[end] = 1;
    for (let changed = true; changed;) {
      changed = false;
      for (let edge = this.#to.length - 1; edge >= 0; edge -= 1) {
        const [from, to] = [this.#from[edge] ?? 0, this.#to[edge] ?? 0];
        if (canEnd[to] === 1 && canEnd[from] === 0) {
          canEnd[from] = 1;
          changed = true;
        }
      }
    }
    const stuck = canEnd.indexOf(0);
    if (stuck !== -1) throw new Violation(`${this.#scenario.name}: L1 no way to an end\n${this.#path(stuck)}`);
  }

  #path(index: number): string {
    const steps: string[] = [];
    for (let at = index; at > 0; at = this.#parent[at] ?? -1) steps.unshift(this.#how[at] ?? '');
    return steps.join('\n');
  }
}

/** Things by number; two with the same key are one. */
class Table<T> {
  readonly #key: (thing: T) => string;
  readonly #numbers = new Map<string, number>();
  readonly #things: T[] = [];
  readonly #keys: string[] = [];

  constructor(key: (thing: T) => string) {
    this.#key = key;
  }

  get size(): number {
    return this.#things.length;
  }

  of(thing: T): number {
    const key = this.#key(thing);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#things.length);
    this.#things.push(thing);
    this.#keys.push(key);
    return this.#things.length - 1;
  }

  at(number: number): T {
    const thing = this.#things[number];
    if (thing === undefined) throw new Error(`nothing has the number ${number}`);
    return thing;
  }

  key(number: number): string {
    return this.#keys[number] ?? '';
  }
}

/** Without what nobody waits for any more; the index is not part of this. */
function tidied(store: ExecutionStore): ExecutionStore {
  const { state, pending } = store;
  const latest = pending.findLastIndex(({ effect }) => effect.type === 'ReportPosition');
  const kept = pending.filter(({ effect }, index) => {
    if (effect.type === 'PublishSummary' || state === undefined) return false;
    return effect.type === 'ReportPosition' ? index === latest : requestFor(state, 1, effect) !== undefined;
  });
  return { ...store, pending: kept.map((one, index) => ({ ...one, id: `0:${index}` })) };
}

/** I1 to I8 as far as one execution knows, and I3 and I13 from one of its states to the next. */
function checkStep(before: ExecutionStore, { state, alarmAt }: ExecutionStore): void {
  if (state === undefined) return;
  const [broken] = brokenInvariants(state);
  if (broken !== undefined) throw new Violation(broken);
  const due = nextWakeAt(state);
  if (due !== undefined && (alarmAt === undefined || alarmAt > due + 1)) {
    throw new Violation(`I8 due at ${due}, alarm at ${alarmAt ?? 'never'}`);
  }
  const was = before.state;
  if (was === undefined) return;
  if (FINAL.includes(was.status) && was.status !== state.status) {
    throw new Violation(`I3 ${was.status} became ${state.status}`);
  }
  for (const action of was.stages.flatMap(everyAction)) {
    const now = state.stages.flatMap(everyAction).find(({ key }) => key === action.key);
    for (const attempt of action.attempts) {
      const after = now?.attempts.find(({ number }) => number === attempt.number)?.phase;
      if (attempt.phase.kind === 'Ended' && JSON.stringify(after) !== JSON.stringify(attempt.phase)) {
        throw new Violation(`I4 attempt ${attempt.number} of ${action.key} ends twice`);
      }
      const wasStopped = attempt.phase.kind === 'Cancelling' && attempt.phase.cause === 'Stopped';
      if (wasStopped && after?.kind === 'Ended' && after.status === 'Succeeded') {
        throw new Violation(`I13 ${action.key} succeeded after it was cancelled`);
      }
    }
  }
}

function checkRanges({ image }: PipelineStorage, after: string): void {
  const owned = new Set<string>();
  for (const { live } of image.live) {
    if (live.waiting || live.mode === 'PARALLEL') continue;
    for (const stage of live.stages.slice(live.at, live.through + 1)) {
      if (owned.has(stage)) {
        throw new Violation(
          `I6 ${stage} is owned twice after ${after}: ${JSON.stringify(image.live.map(({ live: row }) => row))}`,
        );
      }
      owned.add(stage);
    }
  }
}

/** The answer to a position, as one more thing that the pipeline says. */
function saidIn(to: ExecutionId, answer: PositionAnswer): PipelineSaid | undefined {
  switch (answer.kind) {
    case 'Grant':
      return { to, kind: 'admit', grant: answer.grant };
    case 'Superseded':
      return { to, kind: 'supersede' };
    case 'Cancelled':
      return { to, kind: 'cancel' };
    case 'Refused':
      return { to, kind: 'refuse' };
    case 'Unknown':
      return undefined;
  }
}

function commandOf(said: PipelineSaid): ExecutionCommand {
  switch (said.kind) {
    case 'begin':
      return said.command;
    case 'admit':
      return { type: 'Admit', ...said.grant };
    case 'supersede':
      return { type: 'Supersede' };
    case 'cancel':
      return { type: 'Cancel', by: 'p', reason: '' };
    case 'refuse':
      return { type: 'RefuseReturn', message: 'x' };
    case 'yield':
      return { type: 'Yield' };
    case 'stop':
      return { type: 'Stop', abandon: true, by: 'p', reason: '' };
  }
}

function reportOf(job: string, fate: string): ExecutionCommand {
  const [, action, attempt] = job.split(':');
  const of = { action: action as never, attempt: Number(attempt) };
  if (fate === 's') return { type: 'ReportSucceeded', ...of, variables: {}, artifacts: [] };
  if (fate === 'f') return { type: 'ReportFailed', ...of, failure: { code: 'JobFailed', message: 'x' } };
  return { type: 'ReportCancelled', ...of };
}

function orderOf(id: ExecutionId) {
  return { id, variables: {}, revisions: {}, trigger: { type: 'Start', by: 'p' }, fingerprint: 'f', key: id };
}

function withPipeline(whole: Whole, { id, messages }: Local): Whole {
  return { ...whole, pipeline: id, messages: [...whole.messages, ...messages] };
}

function withExecution(whole: Whole, of: 0 | 1, { id, messages }: Local): Whole {
  const executions: [number, number] = of === 0 ? [id, whole.executions[1]] : [whole.executions[0], id];
  return { ...whole, executions, messages: [...whole.messages, ...messages] };
}

function keyOf({ executions, pipeline, jobs, messages, started, ordered }: Whole): string {
  return `${executions.join()}|${pipeline}|${jobs}|${messages.join()}|${started}|${ordered}`;
}

/** Jobs as text, `job=fate;…`: running, succeeded, failed or cancelled. */
function fates(jobs: string): readonly (readonly [job: string, fate: string])[] {
  return jobs === '' ? [] : jobs.split(';').map((one) => one.split('=') as [string, string]);
}

function fateOf(jobs: string, job: string): string | undefined {
  return fates(jobs).find(([name]) => name === job)?.[1];
}

function withFate(jobs: string, job: string, fate: string | undefined): string {
  const others = fates(jobs).filter(([name]) => name !== job);
  return (fate === undefined ? others : [...others, [job, fate] as const])
    .map(([name, is]) => `${name}=${is}`)
    .sort()
    .join(';');
}

function withoutPlan(name: string, value: unknown): unknown {
  return name === 'origin' || name === 'start' ? 0 : value;
}
