import type { FailureCode } from '../../../worker/engine/failure-code.ts';
import type { ActionPlan } from '../../../worker/engine/plan.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const CONFIRM_MS = 150_000;
const LOSSES_MAX = 3;
const NEVER_AGAIN: readonly FailureCode[] = ['Rejected', 'ApprovalExpired', 'ConfigurationError', 'ConditionUnmet'];

/** What an action, or a rule, is up to; one variable for each thing that can be true of it. */
export class ActionModel {
  readonly plan: ActionPlan;
  /** Attempts ever, and those of them that belong to earlier runs of the stage. */
  attempts = 0;
  earlier = 0;
  losses = 0;
  doing: 'Nothing' | 'Running' | 'AwaitingApproval' | 'Cancelling' | 'Held' | 'Ended' = 'Nothing';
  result: 'Succeeded' | 'Failed' | 'Abandoned' = 'Failed';
  code: FailureCode = 'JobFailed';
  until = 0;
  pollAt: number | undefined;
  againAt: number | undefined;
  isClaimed = false;
  isTimedOut = false;
  approvers: string[] = [];
  hintMs: number | undefined;

  constructor(plan: ActionPlan) {
    this.plan = plan;
  }

  get status(): 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned' | undefined {
    if (this.doing === 'Nothing') return undefined;
    return this.doing === 'Ended' && this.againAt === undefined ? this.result : 'InProgress';
  }

  get isOver(): boolean {
    return this.status === 'Failed' || this.status === 'Abandoned';
  }

  get hasWork(): boolean {
    return this.doing === 'Running' || this.doing === 'Cancelling';
  }

  isDue(at: number): boolean {
    return this.againAt !== undefined && this.againAt <= at;
  }

  start(at: number): void {
    const { carrier, timeoutMs } = this.plan;
    this.#begin();
    this.doing = carrier === 'person' ? 'AwaitingApproval' : 'Running';
    this.until = at + (carrier === 'runner' ? DAY : timeoutMs);
  }

  /** What it needs is not there. */
  cannotStart(): void {
    this.#begin();
    this.#end('Failed', 'ConfigurationError');
  }

  claim(at: number): void {
    if (this.doing !== 'Running' || this.isClaimed) return;
    this.isClaimed = true;
    this.until = at + this.plan.timeoutMs;
  }

  cancel(isTimedOut: boolean, at: number): void {
    this.doing = 'Cancelling';
    this.pollAt = undefined;
    this.isTimedOut = isTimedOut;
    this.until = at + CONFIRM_MS;
  }

  succeed(): void {
    this.#end('Succeeded');
  }

  abandon(): void {
    this.againAt = undefined;
    this.#end('Abandoned');
  }

  /** Nobody knows what became of it. */
  lose(at: number): void {
    if (this.plan.carrier === 'runner' && this.plan.onRunnerLoss === 'hold') {
      this.doing = 'Held';
      this.pollAt = undefined;
      this.until = at + 7 * DAY;
      return;
    }
    const mayRetry = this.plan.onRunnerLoss === 'retry' && this.losses < LOSSES_MAX;
    this.failForGood('RunnerLost');
    if (mayRetry) this.againAt = at;
  }

  fail(code: FailureCode, at: number, hintMs?: number): void {
    if (code === 'RunnerLost') throw new Error('lose() it');
    const { attemptsMax, backoffMs, on = [] } = this.plan.retry;
    this.failForGood(code, hintMs);
    const counted = this.attempts - this.earlier - this.losses;
    if (NEVER_AGAIN.includes(code) || (on.length > 0 && !on.includes(code)) || counted >= attemptsMax) return;
    this.againAt = at + Math.min(backoffMs * 2 ** (counted - 1), HOUR);
  }

  failForGood(code: FailureCode, hintMs?: number): void {
    this.#end('Failed', code);
    this.hintMs = hintMs;
    if (code === 'RunnerLost') this.losses += 1;
  }

  /** The stage is run again: what has been is history. */
  forget(): void {
    this.earlier = this.attempts;
    this.losses = 0;
    this.againAt = undefined;
    this.doing = 'Nothing';
  }

  /** Every instant at which it wants to be woken. */
  wakes(): readonly number[] {
    if (this.doing === 'Nothing') return [];
    if (this.doing === 'Ended') return this.againAt === undefined ? [] : [this.againAt];
    return this.pollAt === undefined ? [this.until] : [this.until, this.pollAt];
  }

  #begin(): void {
    this.attempts += 1;
    this.againAt = undefined;
    this.pollAt = undefined;
    this.isClaimed = false;
    this.approvers = [];
    this.hintMs = undefined;
  }

  #end(result: 'Succeeded' | 'Failed' | 'Abandoned', code: FailureCode = 'JobFailed'): void {
    this.doing = 'Ended';
    this.pollAt = undefined;
    this.result = result;
    this.code = code;
  }
}
