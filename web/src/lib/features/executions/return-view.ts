import type { ExecutionView, StageView } from '#lib/api/contract.ts';
import { isLive, mayComeBack } from './standing.ts';

/** One way to run something of a stage again. */
export type ReturnChoice =
  | { readonly kind: 'failed'; readonly actions: readonly string[] }
  | { readonly kind: 'one'; readonly actions: readonly string[] }
  | { readonly kind: 'all'; readonly count: number }
  | { readonly kind: 'resume' };

/** What may be run again from a stage, as far as the page can tell; the server has the last word. */
export function returnChoices(execution: ExecutionView, stage: StageView): readonly ReturnChoice[] {
  if (execution.returning !== null) return [];
  const failed = stage.actions
    .filter(({ status }) => status === 'Failed' || status === 'Abandoned')
    .map(({ name }) => name);
  if (isLive(execution.status)) return whileSiblingsRun(execution, stage, failed);
  if (!mayComeBack(execution.status) || !wasReached(execution, stage)) return [];
  const isAtGate = stage.startedAt === null;
  if (stage !== currentStage(execution) || isAtGate) return [{ kind: 'resume' }];
  return [...ofFailed(failed), { kind: 'all', count: stage.actions.length }, { kind: 'resume' }];
}

/** The stage that an execution came to last. */
export function currentStage({ stages }: Pick<ExecutionView, 'stages'>): StageView | undefined {
  return stages.findLast(({ status }) => status !== null);
}

/** Failed actions may be run again while others of the stage still run. */
function whileSiblingsRun(
  { stop }: ExecutionView,
  { status }: StageView,
  failed: readonly string[],
): readonly ReturnChoice[] {
  return stop === null && status === 'InProgress' ? ofFailed(failed) : [];
}

function ofFailed(actions: readonly string[]): readonly ReturnChoice[] {
  if (actions.length === 0) return [];
  return actions.length === 1
    ? [{ kind: 'failed', actions }]
    : [
        { kind: 'failed', actions },
        { kind: 'one', actions },
      ];
}

/** One that was stopped between two stages stands in front of the second. */
function wasReached({ stages, status }: ExecutionView, stage: StageView): boolean {
  if (stage.status !== null) return true;
  const before = stages[stages.indexOf(stage) - 1];
  return status === 'Stopped' && (before?.status === 'Succeeded' || before?.status === 'Skipped');
}

/** How often a stage has been run again, in words; undefined: not at all. */
export function describeRetries({ retries }: Pick<StageView, 'retries'>): string | undefined {
  if (retries === null) return undefined;
  const { automatic, manual } = retries;
  const parts = [...(automatic > 0 ? [`${automatic} automatic`] : []), ...(manual > 0 ? [`${manual} manual`] : [])];
  return parts.length === 0 ? undefined : `${parts.join(', ')} ${automatic + manual === 1 ? 'retry' : 'retries'}`;
}
