import type { ActionView, ExecutionLiveMessage, ExecutionView, StageView } from '#lib/api/contract.ts';

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

/** One action of one execution, named the way that the URL names it. */
export interface ActionRef {
  readonly stage: string;
  readonly action: string;
}

export interface PlacedAction {
  readonly stage: StageView;
  readonly action: ActionView;
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

export function findAction(execution: ExecutionView, ref: ActionRef | undefined): PlacedAction | undefined {
  if (ref === undefined) return undefined;
  return placedActions(execution).find(({ stage, action }) => stage.name === ref.stage && action.name === ref.action);
}

export function refOf({ stage, action }: PlacedAction): ActionRef {
  return { stage: stage.name, action: action.name };
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

export function attentionOf(execution: ExecutionView): 'Approval' | 'Hold' | null {
  const activities = awaitedAnswers(execution).map(({ action }) => action.activity);
  if (activities.includes('Held')) return 'Hold';
  return activities.includes('AwaitingApproval') ? 'Approval' : null;
}
