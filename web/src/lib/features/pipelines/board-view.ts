import type { ExecutionSummary, PipelineState } from '#lib/api/contract.ts';
import { executionStanding, statusStanding, type Standing } from '#lib/features/executions/standing.ts';

export type BoardStage = PipelineState['stages'][number];
export type Occupant = BoardStage['inside'][number];

/** How a stage stands: what is inside now, else how the newest execution to end in it or pass through it did. */
export function stageStanding(stage: BoardStage, executions: readonly ExecutionSummary[]): Standing {
  const inside = stage.inside.map(({ id }) => executions.find((execution) => execution.id === id));
  if (inside.length > 0) {
    const asked = inside.find((execution) => execution !== undefined && execution.attention !== null);
    const shown = asked ?? inside.find((execution) => execution !== undefined);
    return shown === undefined ? statusStanding('InProgress') : executionStanding(shown);
  }
  const ended = newestEndedIn(stage, executions);
  if (ended !== undefined && ended.number > (stage.lastSucceeded?.number ?? 0)) return executionStanding(ended);
  return statusStanding(stage.lastSucceeded === null ? null : 'Succeeded');
}

/** The newest execution that came to its end in this stage; one that was superseded in front of it was never inside. */
export function newestEndedIn(
  stage: BoardStage,
  executions: readonly ExecutionSummary[],
): ExecutionSummary | undefined {
  return executions.find(
    ({ stage: name, status }) => name === stage.name && (status === 'Failed' || status === 'Stopped'),
  );
}

/** Whose actions are worth a socket of their own: those inside a stage, the newest first. */
export function followedIds({ stages }: PipelineState, max: number): readonly string[] {
  return stages
    .flatMap(({ inside }) => inside)
    .sort((one, other) => other.number - one.number)
    .slice(0, max)
    .map(({ id }) => id);
}
