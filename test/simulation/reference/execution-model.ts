import type { ActionReport, ExecutionCommand } from '../../../worker/engine/messages.ts';
import type { ExecutionStatus, Origin } from '../../../worker/engine/model.ts';
import type { ConditionPlace, ConditionResult } from '../../../worker/engine/plan.ts';
import type { ActionModel } from './action-model.ts';
import { type ConditionModel, StageModel } from './stage-model.ts';

/**
 * What an execution should do, written down a second time: variables that are overwritten instead of events that are folded, one
 * loop instead of four functions. Deliberately simple, and shares nothing with `worker/engine` but the plain types of its inputs.
 */
export class ExecutionModel {
  readonly origin: Origin;
  readonly stages: readonly StageModel[];
  readonly first: number;
  readonly last: number;
  status: ExecutionStatus = 'InProgress';
  stage: number;
  through: number;
  epoch: number;
  since: number;
  isWaiting = false;
  isAtGate = false;
  hasEnded = false;
  stop: { abandon: boolean; isCancel: boolean } | undefined;
  returning: { stage: number; carryOut: (stage: StageModel) => void; deadline: number } | undefined;
  /** Everything that was ever sent out to be done, as `action:attempt`. */
  readonly started: string[] = [];
  readonly artifacts = new Set<string>();
  readonly variables = new Map<string, ReadonlySet<string>>();

  constructor(origin: Origin, epoch: number, through: number, at: number) {
    this.origin = origin;
    this.stages = origin.plan.stages.map((stage) => new StageModel(stage));
    this.first = origin.span?.first ?? 0;
    this.last = origin.span?.last ?? this.stages.length - 1;
    this.stage = this.first;
    this.epoch = epoch;
    this.through = through;
    this.since = at;
    this.#goOn(at);
  }

  /** True: a person's order was refused. */
  take(command: ExecutionCommand, at: number): boolean {
    const isRefused = this.#order(command, at) === 'refused';
    if (!isRefused) this.#goOn(at);
    if (command.type === 'Wake') while (this.#wake(at)) this.#goOn(at);
    return isRefused;
  }

  /** Undefined: nothing will ever happen again by itself. */
  nextWakeAt(): number | undefined {
    if (this.returning !== undefined) return this.returning.deadline;
    if (this.hasEnded) return undefined;
    const wakes = this.stages.flatMap(({ all }) => all.flatMap((action) => action.wakes()));
    wakes.push(...this.#stageWakes());
    return wakes.length === 0 ? undefined : Math.min(...wakes);
  }

  #stageWakes(): readonly number[] {
    const stage = this.#current();
    if (stage.status !== undefined) return stage.retryAt === undefined ? [] : [stage.retryAt];
    if (!this.isWaiting || this.stage <= this.through) return [];
    const patience = this.since + 30 * 24 * 60 * 60_000;
    const { checkAt, deadline } = stage.conditions.get('beforeEntry') ?? {};
    return checkAt === undefined ? [patience] : [patience, Math.min(checkAt, deadline ?? checkAt)];
  }

  #current(): StageModel {
    return this.#at(this.stage);
  }

  #at(index: number): StageModel {
    const stage = this.stages[index];
    if (stage === undefined) throw new Error(`no stage ${index}`);
    return stage;
  }

  #end(status: ExecutionStatus): void {
    this.status = status;
    this.hasEnded = true;
    this.isWaiting = false;
    this.isAtGate = false;
    for (const condition of this.#current().conditions.values()) {
      if (condition.status === 'InProgress') condition.status = status === 'Stopped' ? 'Abandoned' : 'Cancelled';
    }
  }

  // --- what people order and the world reports

  #order(command: ExecutionCommand, at: number): 'refused' | undefined {
    const isDone = this.hasEnded && this.returning === undefined;
    switch (command.type) {
      case 'Begin':
      case 'Admit':
        if (isDone || command.epoch <= this.epoch) return undefined;
        this.epoch = command.epoch;
        this.through = command.through;
        return undefined;
      case 'Supersede':
        if (this.hasEnded || !this.isWaiting) return undefined;
        this.#current().abandonRules();
        this.#end('Superseded');
        return undefined;
      case 'Yield':
        this.#giveWay();
        return undefined;
      case 'Stop':
        return this.#orderStop(command.abandon);
      case 'Cancel':
        if (this.returning !== undefined) this.returning = undefined;
        else if (!this.hasEnded) this.stop ??= { abandon: false, isCancel: true };
        return undefined;
      case 'RefuseReturn':
        this.returning = undefined;
        return undefined;
      case 'RetryStage':
        return this.#orderRetry(command, at);
      case 'Resume':
        return this.#orderResume(command.stage, at);
      case 'OverrideCondition':
        return this.#orderOverride(command.stage, command.place, at);
      case 'ReportRollback': {
        const stage = this.stages[command.stage];
        if (stage?.rollback === 'Requested') stage.rollback = command.result.kind;
        return undefined;
      }
      case 'AnswerApproval':
        return this.#answer(command);
      case 'ResolveHold': {
        const action = this.#find(command.action);
        if (action?.doing !== 'Held') return 'refused';
        action.failForGood('RunnerLost');
        if (command.resolution === 'Retry') action.againAt = at;
        return undefined;
      }
      case 'Wake':
        // What is merely due goes on by itself, before the deadlines are looked at.
        return undefined;
      default:
        this.#report(command, at);
        return undefined;
    }
  }

  /** Only while nothing but approvals that make way has begun in the stage. */
  #giveWay(): void {
    const stage = this.#current();
    const begun = stage.actions.filter(({ attempts }) => attempts > 0);
    if (this.hasEnded || this.stop !== undefined || stage.status !== 'InProgress' || begun.length === 0) return;
    if (begun.some(({ doing, plan }) => doing !== 'AwaitingApproval' || plan.approval?.yields !== true)) return;
    for (const action of begun) action.abandon();
    stage.status = 'Cancelled';
    this.#end('Superseded');
  }

  #orderStop(abandon: boolean): 'refused' | undefined {
    if (this.returning !== undefined) {
      this.returning = undefined;
      return undefined;
    }
    if (this.hasEnded || (this.stop !== undefined && (this.stop.abandon || !abandon))) return 'refused';
    this.stop = { abandon, isCancel: this.stop?.isCancel === true };
    if (this.stop.isCancel) return undefined;
    this.status = 'Stopping';
    const stage = this.#current();
    if (stage.status === 'InProgress') stage.status = 'Stopping';
    return undefined;
  }

  #orderRetry(command: Extract<ExecutionCommand, { type: 'RetryStage' }>, at: number): 'refused' | undefined {
    const index = this.stages.findIndex(({ plan }) => plan.name === command.stage);
    const stage = this.stages[index];
    if (stage === undefined || this.returning !== undefined) return 'refused';
    const { failed } = stage;
    const one = failed.filter(({ plan }) => plan.key === command.action);
    if (command.action !== undefined && one.length === 0) return 'refused';
    if (index !== this.stage) return 'refused';
    const isAll = command.mode === 'ALL_ACTIONS';
    const actions = command.action !== undefined ? one : isAll ? stage.actions : failed;
    if (this.hasEnded) {
      if ((this.status !== 'Failed' && this.status !== 'Stopped') || stage.status === undefined) return 'refused';
      if (!stage.isEntered) {
        return this.#askToReturn(index, () => this.#resume(index), at);
      }
      return this.#askToReturn(index, () => stage.again(actions, isAll, true), at);
    }
    if (this.stop !== undefined || stage.status !== 'InProgress' || failed.length === 0) return 'refused';
    if (isAll && stage.actions.some(({ status }) => status === 'InProgress')) return 'refused';
    stage.abandonRules();
    stage.again(actions, isAll, true);
    return undefined;
  }

  #orderResume(name: string, at: number): 'refused' | undefined {
    const index = this.stages.findIndex(({ plan }) => plan.name === name);
    if (index === -1 || index < this.first || index > this.stage) return 'refused';
    if (this.returning !== undefined || (this.status !== 'Failed' && this.status !== 'Stopped')) return 'refused';
    return this.#askToReturn(index, () => this.#resume(index), at);
  }

  #orderOverride(name: string, place: ConditionPlace, at: number): 'refused' | undefined {
    const index = this.stages.findIndex(({ plan }) => plan.name === name);
    const condition = this.stages[index]?.conditions.get(place);
    const stage = this.#current();
    if (index !== this.stage || condition === undefined || this.returning !== undefined) return 'refused';
    const override = (): void => {
      condition.status = 'Overridden';
      condition.checkAt = undefined;
    };
    if (!this.hasEnded) {
      if (!this.#hasGate() || place !== 'beforeEntry' || !this.isAtGate || this.stop !== undefined) return 'refused';
      stage.abandonRules();
      override();
      this.isAtGate = false;
      return undefined;
    }
    const mayOverride = place === 'onSuccess' || (place === 'beforeEntry' && condition.plan.otherwise === 'FAIL');
    if (this.status !== 'Failed' || !condition.isUnmet || !mayOverride) return 'refused';
    const carryOut = (): void => {
      override();
      stage.status = 'InProgress';
      stage.goOn();
    };
    return this.#askToReturn(index, carryOut, at);
  }

  #askToReturn(stage: number, carryOut: () => void, at: number): 'refused' | undefined {
    this.returning = { stage, carryOut, deadline: at + 60 * 60_000 };
    // What was granted in the life before, and comes late, lets nobody in.
    this.epoch += 1_000_000;
    this.through = stage - 1;
    return undefined;
  }

  #resume(index: number): void {
    for (const stage of this.stages.slice(index)) stage.reset();
  }

  #answer(answer: Extract<ExecutionCommand, { type: 'AnswerApproval' }>): 'refused' | undefined {
    const action = this.#find(answer.action);
    if (action?.plan.carrier !== 'person' || action.doing !== 'AwaitingApproval' || this.hasEnded) return 'refused';
    if (answer.token !== undefined && answer.token !== `${this.origin.id}:${answer.action}:${action.attempts}`) {
      return 'refused';
    }
    const { approvers, count, self } = action.plan.approval ?? { approvers: [], count: 1, self: true };
    const who = answer.actor ?? answer.by;
    const starter = this.origin.trigger.actor ?? this.origin.trigger.by;
    if (answer.result === 'Approved' && !self && who === starter) return 'refused';
    const names = [who, answer.by, ...(answer.roles ?? []).map((role) => `role:${role}`)];
    if (approvers.length > 0 && !approvers.some((name) => names.includes(name))) return 'refused';
    if (answer.result === 'Rejected') {
      action.failForGood('Rejected');
      return undefined;
    }
    if (action.approvers.includes(who)) return 'refused';
    action.approvers.push(who);
    if (action.approvers.length >= count) this.#succeed(action, [], {});
    return undefined;
  }

  /** A report counts for the attempt that is under way, and for no other. */
  #report(report: ActionReport, at: number): void {
    const action = this.#find(report.action);
    if (action?.hasWork !== true || action.attempts !== report.attempt) return;
    const isStopping = action.doing === 'Cancelling' && !action.isTimedOut;
    const isTimingOut = action.doing === 'Cancelling' && action.isTimedOut;
    switch (report.type) {
      case 'ReportRunning':
        if (action.doing !== 'Running') return;
        action.pollAt = report.checkAfterMs === undefined ? undefined : at + report.checkAfterMs;
        return;
      case 'ReportClaimed':
        action.claim(at);
        return;
      case 'ReportDue':
        action.pollAt = undefined;
        return;
      case 'ReportUnreachable':
      case 'ReportReachable':
        return;
      case 'ReportSucceeded': {
        const made = report.artifacts.map(({ name }) => name);
        if (isStopping) action.abandon();
        else if (action.plan.outputs.every(({ name }) => made.includes(name))) {
          const outputs = action.plan.outputs.map(({ name }) => name);
          this.#succeed(action, outputs, report.variables);
        } else action.fail('JobFailed', at);
        return;
      }
      case 'ReportLost':
        if (isStopping) action.abandon();
        else action.lose(at);
        return;
      case 'ReportFailed':
        if (isStopping) action.abandon();
        else if (isTimingOut) action.fail('TimedOut', at);
        else action.fail(report.failure.code, at, report.checkAfterMs);
        return;
      case 'ReportCancelled':
        if (isStopping) action.abandon();
        else if (isTimingOut) action.fail('TimedOut', at);
        else action.failForGood('JobFailed');
    }
  }

  #succeed(action: ActionModel, artifacts: readonly string[], variables: Readonly<Record<string, string>>): void {
    action.succeed();
    for (const artifact of artifacts) this.artifacts.add(artifact);
    const { namespace, carrier, outputVariables } = action.plan;
    if (namespace === undefined) return;
    const known = Object.keys(variables).filter((name) => carrier !== 'runner' || outputVariables.includes(name));
    this.variables.set(namespace, new Set(known));
  }

  #find(key: string): ActionModel | undefined {
    return this.stages.flatMap(({ all }) => all).find(({ plan }) => plan.key === key);
  }

  // --- what time does

  /** One deadline that has passed, the oldest first. False: there is none. */
  #wake(at: number): boolean {
    if (this.returning !== undefined) {
      if (this.returning.deadline > at) return false;
      this.returning = undefined;
      return true;
    }
    if (this.hasEnded) return false;
    const due = Math.min(Number.POSITIVE_INFINITY, this.nextWakeAt() ?? Number.POSITIVE_INFINITY);
    if (due > at) return false;
    for (const action of this.stages.flatMap(({ all }) => all)) {
      if (!action.wakes().includes(due)) continue;
      this.#timeIsUp(action, due, at);
      return true;
    }
    if (this.#current().status === undefined && due === this.since + 30 * 24 * 60 * 60_000) {
      this.#current().abandonRules();
      this.#end('Cancelled');
      return true;
    }
    return false;
  }

  #timeIsUp(action: ActionModel, due: number, at: number): void {
    if (action.until !== due && action.pollAt === due) action.pollAt = undefined;
    else if (action.doing === 'Running') action.cancel(true, at);
    else if (action.doing === 'AwaitingApproval') action.failForGood('ApprovalExpired');
    else if (action.doing === 'Held') action.failForGood('RunnerLost');
    else if (action.doing === 'Cancelling' && action.isTimedOut) action.lose(at);
    else if (action.doing === 'Cancelling') action.abandon();
  }

  // --- what follows

  #goOn(at: number): void {
    while (this.#doNext(at));
  }

  /** One thing that follows from what is true; false when nothing does. */
  #doNext(at: number): boolean {
    if (this.returning !== undefined) return this.#comeBack(at);
    if (this.hasEnded) return false;
    const stage = this.#current();
    return stage.status === undefined ? this.#inFront(stage, at) : this.#inside(stage, at);
  }

  #comeBack(at: number): boolean {
    const { returning } = this;
    if (returning === undefined || returning.stage > this.through) return false;
    this.returning = undefined;
    this.stop = undefined;
    this.hasEnded = false;
    this.status = 'InProgress';
    this.stage = returning.stage;
    this.since = at;
    returning.carryOut(this.#current());
    return true;
  }

  #hasGate(): boolean {
    const stage = this.#current();
    const isWait = stage.conditions.get('beforeEntry')?.plan.otherwise === 'WAIT';
    return stage.status === undefined && isWait && this.origin.kind !== 'ROLLBACK';
  }

  #inFront(stage: StageModel, at: number): boolean {
    const mayEnter = this.stage <= this.through;
    if (this.stop !== undefined) {
      stage.abandonRules();
      this.#end(this.stop.isCancel ? 'Cancelled' : 'Stopped');
      return true;
    }
    const gate = stage.conditions.get('beforeEntry');
    if (gate !== undefined && this.#hasGate()) return this.#atGate(stage, gate, mayEnter, at);
    if (mayEnter) return this.#enter(stage, at);
    if (this.isWaiting) return false;
    return this.#wait(false, at);
  }

  #enter(stage: StageModel, at: number): boolean {
    this.isWaiting = false;
    this.isAtGate = false;
    this.since = at;
    stage.status = 'InProgress';
    stage.isEntered = true;
    return true;
  }

  /** Whoever waits holds nothing. */
  #wait(isAtGate: boolean, at: number): boolean {
    this.isWaiting = true;
    this.isAtGate = isAtGate;
    this.through = this.stage - 1;
    this.since = at;
    return true;
  }

  #atGate(stage: StageModel, gate: ConditionModel, mayEnter: boolean, at: number): boolean {
    if (!this.isWaiting) return this.#wait(true, at);
    if (gate.status === undefined) return this.#askGate(gate, at);
    if (gate.status === 'InProgress') {
      if (this.#askRules(gate, at)) return true;
      const verdict = gate.verdict();
      if (verdict === undefined) return false;
      gate.status = verdict;
      gate.endedAt = at;
      if (verdict !== 'Succeeded') gate.checkAt = at + gate.pauseMs();
      else if (!mayEnter) this.isAtGate = false;
      return true;
    }
    if (gate.isMet) {
      if (!mayEnter) return false;
      // Ten seconds after it was found open, it is asked again.
      if (gate.status === 'Succeeded' && at - gate.endedAt > 10_000) return this.#askGate(gate, at);
      return this.#enter(stage, at);
    }
    if (mayEnter) return this.#wait(true, at);
    if (at >= (gate.deadline ?? at)) {
      stage.status = 'Failed';
      this.#end('Failed');
      return true;
    }
    return at >= (gate.checkAt ?? at) && this.#askGate(gate, at);
  }

  #askGate(gate: ConditionModel, at: number): boolean {
    if (gate.deadline === undefined || gate.isMet) gate.deadline = at + gate.plan.waitMs;
    gate.begin();
    return true;
  }

  #askRules(condition: ConditionModel, at: number): boolean {
    return this.#launch(
      condition.rules.filter((rule) => rule.status === undefined || rule.isDue(at)),
      at,
    );
  }

  #launch(actions: readonly ActionModel[], at: number): boolean {
    for (const action of actions) {
      const { inputs, configuration, key, carrier } = action.plan;
      const isComplete = inputs.every((input) => this.artifacts.has(input)) && this.#knowsAll(configuration);
      if (!isComplete) action.cannotStart();
      else {
        action.start(at);
        if (carrier !== 'person') this.started.push(`${key}:${action.attempts}`);
      }
    }
    return actions.length > 0;
  }

  #knowsAll(configuration: Readonly<Record<string, string>>): boolean {
    const references = Object.values(configuration).filter((value) => value.startsWith('#{'));
    return references.every((reference) => {
      const [namespace = '', name = ''] = reference.slice(2, -1).split('.');
      return this.variables.get(namespace)?.has(name) === true;
    });
  }

  #inside(stage: StageModel, at: number): boolean {
    if (this.stop !== undefined) return this.#stopInside(stage, this.stop, at);
    const entry = stage.conditions.get('beforeEntry');
    if (entry !== undefined && entry.plan.otherwise !== 'WAIT' && this.origin.kind !== 'ROLLBACK') {
      const moved = this.#evaluate(entry, at);
      if (moved !== undefined) return moved;
      if (!entry.isMet) return entry.plan.otherwise === 'SKIP' ? this.#leave('Skipped', at) : this.#fail(stage);
    }
    if (this.#launch(readyOf(stage, at), at)) return true;
    const statuses = stage.actions.map(({ status }) => status);
    if (statuses.includes('InProgress')) return false;
    return statuses.every((status) => status === 'Succeeded') ? this.#succeeded(stage, at) : this.#failed(stage, at);
  }

  #stopInside(stage: StageModel, stop: { abandon: boolean; isCancel: boolean }, at: number): boolean {
    stage.abandonRules();
    for (const action of stage.actions) {
      const { doing } = action;
      if (doing === 'Running' && stop.abandon) action.cancel(false, at);
      if (doing === 'AwaitingApproval' || doing === 'Held' || action.againAt !== undefined) action.abandon();
    }
    if (stage.actions.some(({ status }) => status === 'InProgress')) return false;
    stage.status = stop.isCancel ? 'Cancelled' : 'Stopped';
    stage.retryAt = undefined;
    this.#end(stage.status);
    return true;
  }

  /** Undefined: the condition has come to its end. */
  #evaluate(condition: ConditionModel, at: number): boolean | undefined {
    if (condition.status === undefined) {
      condition.begin();
      return true;
    }
    if (condition.status !== 'InProgress') return undefined;
    if (this.#askRules(condition, at)) return true;
    const verdict = condition.verdict();
    if (verdict === undefined) return false;
    condition.status = verdict;
    condition.endedAt = at;
    return true;
  }

  #succeeded(stage: StageModel, at: number): boolean {
    const condition = stage.conditions.get('onSuccess');
    if (condition !== undefined) {
      const moved = this.#evaluate(condition, at);
      if (moved !== undefined) return moved;
      if (!condition.isMet) return this.#fail(stage, condition.plan.otherwise);
    }
    return this.#leave('Succeeded', at);
  }

  #failed(stage: StageModel, at: number): boolean {
    const { retry, rollback = false } = stage.plan.onFailure ?? {};
    if (retry !== undefined && stage.automatic < retry.retriesMax && retriesFor(stage, retry.on)) {
      const pauseMs = Math.min(retry.backoffMs * 2 ** stage.automatic, 60 * 60_000);
      if (pauseMs > 0 && stage.retryAt === undefined) {
        stage.retryAt = at + pauseMs;
        return true;
      }
      if (pauseMs > 0 && (stage.retryAt ?? 0) > at) return false;
      const isAll = retry.mode === 'ALL_ACTIONS';
      stage.again(isAll ? stage.actions : stage.failed, isAll, false);
      return true;
    }
    const condition = stage.conditions.get('onFailure');
    if (condition !== undefined) {
      const moved = this.#evaluate(condition, at);
      if (moved !== undefined) return moved;
      const { otherwise } = condition.plan;
      if (!condition.isMet && otherwise === 'RETRY' && stage.automatic === 0) {
        stage.again(stage.failed, false, false);
        return true;
      }
      if (!condition.isMet && otherwise === 'ROLLBACK') return this.#fail(stage, 'ROLLBACK');
    }
    return this.#fail(stage, rollback ? 'ROLLBACK' : undefined);
  }

  #fail(stage: StageModel, otherwise?: ConditionResult): boolean {
    stage.status = 'Failed';
    stage.retryAt = undefined;
    if (otherwise === 'ROLLBACK' && this.origin.kind !== 'ROLLBACK') stage.rollback = 'Requested';
    this.#end('Failed');
    return true;
  }

  #leave(status: 'Succeeded' | 'Skipped', at: number): boolean {
    this.#current().status = status;
    this.since = at;
    if (this.stage === this.last) this.#end('Succeeded');
    else this.stage += 1;
    return true;
  }
}

/** Further attempts that are due, and the next run order when all before have succeeded. */
function readyOf(stage: StageModel, at: number): readonly ActionModel[] {
  const due = stage.actions.filter((action) => action.isDue(at));
  const open = stage.actions.filter(({ status }) => status !== 'Succeeded');
  const next = Math.min(...open.map(({ plan }) => plan.runOrder));
  const isBroken = open.some(({ isOver }) => isOver);
  const fresh = open.filter(
    ({ plan, status, earlier }) => plan.runOrder === next && status === undefined && (!isBroken || earlier > 0),
  );
  return [...due, ...fresh];
}

function retriesFor(stage: StageModel, on: readonly string[]): boolean {
  const codes = stage.actions.filter(({ status }) => status === 'Failed').map(({ code }) => code);
  return codes.every((code) =>
    on.length === 0 ? code !== 'Rejected' && code !== 'ApprovalExpired' : on.includes(code),
  );
}
