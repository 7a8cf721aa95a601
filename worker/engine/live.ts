import type { ExecutionState } from './model.ts';
import { executionView, type StageView } from './view.ts';

/** What a turn changed in the view, as `contract/live-feed.ts` sends it. `before` undefined: everything. */
export function viewChanges(before: ExecutionState | undefined, after: ExecutionState) {
  const { stages, ...execution } = executionView(after);
  const old = before === undefined ? [] : executionView(before).stages;
  const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
  return {
    execution,
    stages: stages.flatMap((stage, index) => {
      const was = old[index];
      return was !== undefined && isSame(withoutActions(stage), withoutActions(was)) ? [] : [withoutActions(stage)];
    }),
    actions: stages.flatMap((stage, index) =>
      stage.actions.flatMap((action, at) =>
        isSame(action, old[index]?.actions[at]) ? [] : [{ stage: stage.name, action }],
      ),
    ),
  };
}

function withoutActions({ actions: _, ...stage }: StageView): Omit<StageView, 'actions'> {
  return stage;
}
