import type { ExecutionSummary } from '#lib/api/contract.ts';
import type { BoardStage } from './board-view.ts';

export interface RollbackTarget {
  readonly execution: ExecutionSummary;
  /** What is in the stage now: going back to it deploys the same again. */
  readonly isThereNow: boolean;
}

/** What a stage can go back to, newest first. A rollback is no target: the one that it went back to is. */
export function rollbackTargets(
  { lastSucceeded }: Pick<BoardStage, 'lastSucceeded'>,
  executions: readonly ExecutionSummary[],
): readonly RollbackTarget[] {
  const now = executions.find(({ id }) => id === lastSucceeded?.id);
  const there = now !== undefined && isRollback(now) ? now.origin : lastSucceeded?.id;
  return executions
    .filter((execution) => execution.status === 'Succeeded' && !isRollback(execution))
    .map((execution) => ({ execution, isThereNow: execution.id === there }));
}

/** The newest one that would change something. */
export function likelyTarget(targets: readonly RollbackTarget[]): string | undefined {
  const there = targets.findIndex(({ isThereNow }) => isThereNow);
  return (targets[there + 1] ?? targets[0])?.execution.id;
}

/** Rows from before the index knew of kinds say it by their trigger alone. */
function isRollback({ kind, trigger }: ExecutionSummary): boolean {
  return kind === 'ROLLBACK' || trigger.type.endsWith('Rollback');
}
