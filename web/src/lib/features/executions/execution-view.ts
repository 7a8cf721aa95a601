import type {
  ActionView,
  ConditionPlace,
  ConditionView,
  ExecutionLiveMessage,
  ExecutionView,
  StageView,
} from '#lib/api/contract.ts';

/** What the page knows of an execution, and up to where. */
export interface ExecutionFeed {
  readonly seq: number;
  readonly execution: ExecutionView;
}

/** Pure: the same message twice, or one from before the snapshot, changes nothing. Untouched parts keep their identity. */
export function applyLiveMessage(
  feed: ExecutionFeed | undefined,
  message: ExecutionLiveMessage,
): ExecutionFeed | undefined {
  switch (message.type) {
    case 'snapshot':
      return feed !== undefined && message.seq < feed.seq ? feed : { seq: message.seq, execution: message.execution };
    case 'turn': {
      if (feed === undefined || message.seq <= feed.seq) return feed;
      const stages = feed.execution.stages.map((stage) => mergeStage(stage, message));
      return { seq: message.seq, execution: { ...message.execution, stages } };
    }
  }
}

type Turn = Extract<ExecutionLiveMessage, { type: 'turn' }>;

function mergeStage(stage: StageView, turn: Turn): StageView {
  const facts = turn.stages.find(({ name }) => name === stage.name);
  const changed = turn.actions.filter((each) => each.stage === stage.name).map(({ action }) => action);
  if (facts === undefined && changed.length === 0) return stage;
  return { ...stage, ...facts, actions: mergeActions(stage.actions, changed) };
}

function mergeActions(actions: readonly ActionView[], changed: readonly ActionView[]): readonly ActionView[] {
  if (changed.length === 0) return actions;
  return actions.map((action) => changed.findLast(({ name }) => name === action.name) ?? action);
}

/** One action of one execution, named the way that the URL names it: a rule as `beforeEntry~rule`, a condition as `beforeEntry~`. */
export interface ActionRef {
  readonly stage: string;
  readonly action: string;
}

export interface PlacedAction {
  readonly stage: StageView;
  readonly action: ActionView;
  /** Set for the rule of a condition. */
  readonly place?: ConditionPlace;
}

export interface PlacedCondition {
  readonly stage: StageView;
  readonly condition: ConditionView;
}

export function actionKey({ stage, action }: ActionRef): string {
  return `${stage}/${action}`;
}

export function parseActionKey(key: string | null): ActionRef | undefined {
  const [stage, action, ...rest] = (key ?? '').split('/');
  if (stage === undefined || stage === '' || action === undefined || action === '' || rest.length > 0) {
    return undefined;
  }
  return { stage, action };
}

export function placedActions(execution: ExecutionView): readonly PlacedAction[] {
  return execution.stages.flatMap((stage) => stage.actions.map((action) => ({ stage, action })));
}

/** Actions, and the rules of conditions, which are shown like actions. */
export function findAction(execution: ExecutionView, ref: ActionRef | undefined): PlacedAction | undefined {
  const stage = execution.stages.find(({ name }) => name === ref?.stage);
  if (ref === undefined || stage === undefined) return undefined;
  const action = stage.actions.find(({ name }) => name === ref.action);
  if (action !== undefined) return { stage, action };
  for (const { place, rules } of stage.conditions) {
    const rule = rules.find(({ name }) => ruleName(place, name) === ref.action);
    if (rule !== undefined) return { stage, action: rule, place };
  }
  return undefined;
}

export function findCondition(execution: ExecutionView, ref: ActionRef | undefined): PlacedCondition | undefined {
  const stage = execution.stages.find(({ name }) => name === ref?.stage);
  const condition = stage?.conditions.find(({ place }) => ruleName(place, '') === ref?.action);
  return stage === undefined || condition === undefined ? undefined : { stage, condition };
}

export function refOf({ stage, action, place }: PlacedAction): ActionRef {
  return { stage: stage.name, action: place === undefined ? action.name : ruleName(place, action.name) };
}

export function conditionRef({ stage, condition }: PlacedCondition): ActionRef {
  return { stage: stage.name, action: ruleName(condition.place, '') };
}

/** As the API and the event log name it. */
function ruleName(place: ConditionPlace, rule: string): string {
  return `${place}~${rule}`;
}

/** Actions that a person is asked about, in the order of the pipeline. */
export function awaitedAnswers(execution: ExecutionView): readonly PlacedAction[] {
  return placedActions(execution).filter(
    ({ action }) => action.activity === 'AwaitingApproval' || action.activity === 'Held',
  );
}

export function failures(execution: ExecutionView): readonly PlacedAction[] {
  return placedActions(execution).filter(({ action }) => action.status === 'Failed' && action.activity === null);
}

/** The failure after the given action, round and round. */
export function nextFailure(execution: ExecutionView, current: ActionRef | undefined): PlacedAction | undefined {
  const failed = failures(execution);
  const at = failed.findIndex(({ stage, action }) => stage.name === current?.stage && action.name === current.action);
  return failed[(at + 1) % Math.max(1, failed.length)];
}

/** What a visitor came to see: what failed, else what is going on, else nothing in particular. Questions have a card already. */
export function landingAction(execution: ExecutionView): PlacedAction | undefined {
  const [failed] = failures(execution);
  if (execution.status === 'Failed' && failed !== undefined) return failed;
  const active = placedActions(execution).filter(
    ({ action }) => action.status === 'InProgress' && action.activity !== 'AwaitingApproval',
  );
  return active.find(({ action }) => action.hasLog) ?? active[0];
}

/** The same, where it may also be a condition that ended the execution. */
export function landingRef(execution: ExecutionView): ActionRef | undefined {
  const action = landingAction(execution);
  if (action !== undefined) return refOf(action);
  if (execution.status !== 'Failed') return undefined;
  const unmet = execution.stages.flatMap((stage) =>
    stage.conditions
      .filter(({ status }) => stage.status === 'Failed' && (status === 'Failed' || status === 'Errored'))
      .map((condition) => conditionRef({ stage, condition })),
  );
  return unmet[0];
}

export function attentionOf(execution: ExecutionView): 'Approval' | 'Hold' | null {
  const activities = awaitedAnswers(execution).map(({ action }) => action.activity);
  if (activities.includes('Held')) return 'Hold';
  return activities.includes('AwaitingApproval') ? 'Approval' : null;
}
