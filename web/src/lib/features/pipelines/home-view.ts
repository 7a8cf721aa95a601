import type { ExecutionSummary, PipelineSummary } from '#lib/api/contract.ts';
import { isLive, mayComeBack } from '#lib/features/executions/standing.ts';

/** As many as the bars of a row can show. */
export const RECENT_MAX = 24;

/** Puts one execution's newest line in its place; undefined when its pipeline is not known here. */
export function upsertExecution(
  pipelines: readonly PipelineSummary[],
  execution: ExecutionSummary,
): readonly PipelineSummary[] | undefined {
  if (!pipelines.some(({ name }) => name === execution.pipeline)) return undefined;
  return pipelines.map((pipeline) =>
    pipeline.name === execution.pipeline
      ? { ...pipeline, recent: upsertRecent(pipeline.recent, execution) }
      : pipeline,
  );
}

/** Newest first. An execution that has ended for good does not come alive again, so a line that says so is late. */
export function upsertRecent(
  recent: readonly ExecutionSummary[],
  execution: ExecutionSummary,
  max = RECENT_MAX,
): ExecutionSummary[] {
  const known = recent.find(({ id }) => id === execution.id);
  const isOver = known !== undefined && !isLive(known.status) && !mayComeBack(known.status);
  if (isOver && isLive(execution.status)) return [...recent];
  const others = recent.filter(({ id }) => id !== execution.id);
  return [...others, execution].sort((one, other) => other.number - one.number).slice(0, max);
}

export function waitingForYou(pipelines: readonly PipelineSummary[]): readonly ExecutionSummary[] {
  return pipelines
    .flatMap(({ recent }) => recent)
    .filter(({ attention, status }) => attention !== null && isLive(status))
    .sort((one, other) => one.startedAt.localeCompare(other.startedAt));
}

export interface Motion {
  readonly execution: ExecutionSummary;
  readonly progress: readonly StageProgress[];
}

/** Live executions that no person is asked about, the newest first. */
export function inMotion(pipelines: readonly PipelineSummary[]): readonly Motion[] {
  return pipelines
    .flatMap(({ stages, recent }) =>
      recent
        .filter(({ attention, status }) => attention === null && isLive(status))
        .map((execution) => ({ execution, progress: stageProgress(stages, execution) })),
    )
    .sort((one, other) => other.execution.startedAt.localeCompare(one.execution.startedAt));
}

export interface StageProgress {
  readonly stage: string;
  readonly state: 'past' | 'here' | 'ahead';
}

/** A pipeline may have changed since the execution started: then its stage is unknown and nothing is claimed. */
export function stageProgress(
  stages: readonly string[],
  { stage, status }: Pick<ExecutionSummary, 'stage' | 'status'>,
): readonly StageProgress[] {
  const at = stages.indexOf(stage);
  return stages.map((name, index) => {
    const isPast = at !== -1 && (index < at || status === 'Succeeded');
    return { stage: name, state: isPast ? 'past' : index === at ? 'here' : 'ahead' };
  });
}

export function matchesFilter(pipeline: Pick<PipelineSummary, 'name'>, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => pipeline.name.toLowerCase().includes(word));
}
