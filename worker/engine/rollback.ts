import type { PipelineId } from './ids.ts';
import type { ExecutionState, Revision, Seed, StageStatus } from './model.ts';

/** What a rollback needs of the execution that it goes back to. */
export interface RollbackTarget {
  readonly pipeline: PipelineId;
  readonly version: number;
  readonly kind: 'STANDARD' | 'ROLLBACK';
  readonly variables: Readonly<Record<string, string>>;
  readonly revisions: Readonly<Record<string, Revision>>;
  readonly stages: readonly {
    readonly name: string;
    readonly status: StageStatus | undefined;
    readonly isSource: boolean;
  }[];
  readonly seed: Seed;
}

export function rollbackTarget(state: ExecutionState): RollbackTarget {
  const { pipeline, variables, revisions, artifacts, namespaces } = state;
  return {
    pipeline: pipeline.id,
    version: pipeline.version,
    kind: state.kind ?? 'STANDARD',
    variables,
    revisions,
    stages: state.stages.map(({ name, status }, index) => ({
      name,
      status,
      isSource: state.plan.stages[index]?.actions.every(({ type }) => type.startsWith('Source/')) === true,
    })),
    seed: { artifacts, namespaces },
  };
}

/** Why the stage cannot go back to this execution; undefined: it can. User guide, "Roll back a stage". */
export function rollbackProblem(
  pipeline: PipelineId,
  target: RollbackTarget | undefined,
  stage: string,
): string | undefined {
  if (target === undefined || target.pipeline !== pipeline) {
    return 'The execution to go back to does not exist, or its artifacts are gone.';
  }
  if (target.kind === 'ROLLBACK') {
    return 'The execution is a rollback itself; go back to the one that it went back to.';
  }
  const found = target.stages.find(({ name }) => name === stage);
  if (found === undefined) return `The execution has no stage "${stage}".`;
  if (found.isSource) return 'A stage of sources has nothing to roll back.';
  if (found.status !== 'Succeeded') {
    return `The execution has not succeeded in "${stage}": ${found.status ?? 'it did not come that far'}.`;
  }
  return undefined;
}
