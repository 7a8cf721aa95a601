import type { ConditionPlace, ConditionPlan, StagePlan } from '../../../worker/engine/plan.ts';
import { ActionModel } from './action-model.ts';

export const PLACES: readonly ConditionPlace[] = ['beforeEntry', 'onSuccess', 'onFailure'];

export type Standing = 'InProgress' | 'Succeeded' | 'Failed' | 'Errored' | 'Cancelled' | 'Abandoned' | 'Overridden';

export class ConditionModel {
  readonly plan: ConditionPlan;
  readonly rules: readonly ActionModel[];
  status: Standing | undefined;
  endedAt = 0;
  deadline: number | undefined;
  checkAt: number | undefined;

  constructor(plan: ConditionPlan) {
    this.plan = plan;
    this.rules = plan.rules.map((rule) => new ActionModel(rule));
  }

  get isMet(): boolean {
    return this.status === 'Succeeded' || this.status === 'Overridden';
  }

  get isUnmet(): boolean {
    return this.status === 'Failed' || this.status === 'Errored';
  }

  begin(): void {
    this.status = 'InProgress';
    this.checkAt = undefined;
    for (const rule of this.rules) rule.forget();
  }

  /** What the rules come to; undefined while one of them has not answered. */
  verdict(): 'Succeeded' | 'Failed' | 'Errored' | undefined {
    const statuses = this.rules.map(({ status }) => status);
    if (statuses.includes(undefined) || statuses.includes('InProgress')) return undefined;
    const failed = this.rules.filter(({ status }) => status === 'Failed');
    if (failed.length === 0) return 'Succeeded';
    return failed.every(({ code }) => code === 'ConditionUnmet' || code === 'JobFailed') ? 'Failed' : 'Errored';
  }

  /** Not before the last of the rules that do not hold could hold: a minute, where it does not say. */
  pauseMs(): number {
    const hints = this.rules.filter(({ status }) => status === 'Failed').map(({ hintMs = 60_000 }) => hintMs);
    return Math.min(Math.max(1_000, ...hints), 24 * 60 * 60_000);
  }

  abandonRules(): void {
    for (const rule of this.rules) if (rule.status === 'InProgress') rule.abandon();
  }

  forget(): void {
    this.status = undefined;
    this.deadline = undefined;
    this.checkAt = undefined;
    for (const rule of this.rules) rule.forget();
  }
}

export class StageModel {
  readonly plan: StagePlan;
  readonly actions: readonly ActionModel[];
  readonly conditions = new Map<ConditionPlace, ConditionModel>();
  status: 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Failed' | 'Cancelled' | 'Skipped' | undefined;
  /** It has been entered, and has not failed in front of its gate. */
  isEntered = false;
  automatic = 0;
  manual = 0;
  retryAt: number | undefined;
  rollback: 'Requested' | 'Started' | 'Refused' | undefined;

  constructor(plan: StagePlan) {
    this.plan = plan;
    this.actions = plan.actions.map((action) => new ActionModel(action));
    const conditions = [plan.beforeEntry, plan.onSuccess, plan.onFailure?.condition];
    PLACES.forEach((place, index) => {
      const condition = conditions[index];
      if (condition !== undefined) this.conditions.set(place, new ConditionModel(condition));
    });
  }

  get all(): readonly ActionModel[] {
    return [...this.actions, ...[...this.conditions.values()].flatMap(({ rules }) => rules)];
  }

  get failed(): readonly ActionModel[] {
    return this.actions.filter(({ isOver }) => isOver);
  }

  abandonRules(): void {
    for (const condition of this.conditions.values()) condition.abandonRules();
  }

  /** In front of it again. */
  reset(): void {
    this.status = undefined;
    this.isEntered = false;
    this.goOn();
    for (const action of this.actions) action.forget();
    for (const condition of this.conditions.values()) condition.forget();
  }

  /** Inside it again; conditions that held before entry need not be asked again for the failed actions alone. */
  again(actions: readonly ActionModel[], isAll: boolean, isManual: boolean): void {
    this.status = 'InProgress';
    this.goOn();
    for (const action of actions) action.forget();
    for (const [place, condition] of this.conditions) {
      if (!(place === 'beforeEntry' && !isAll && condition.isMet)) condition.forget();
    }
    if (isManual) this.manual += 1;
    else this.automatic += 1;
  }

  goOn(): void {
    this.retryAt = undefined;
    this.rollback = undefined;
  }
}
