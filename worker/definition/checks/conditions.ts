import type { PipelineDefinition, StageDefinition } from '../../../contract/pipeline-definition.ts';
import { typeOf } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';

/** Which results may stand where. User guide, "Stage conditions" and "Stage rollback"; WAIT is ours. */
export function checkConditions({ mode, stages }: PipelineDefinition): readonly DefinitionProblem[] {
  return stages.flatMap((stage, index) => {
    const path = `stages[${index}]`;
    const rollbacks = rollbackPaths(stage).map((member) => `${path}.${member}`);
    const refused = rollbackRefusal(mode, stage, index);
    return [
      ...checkWait(stage, path),
      ...checkFailure(stage, path),
      ...(refused === undefined ? [] : rollbacks.map((at) => ({ path: at, message: refused }))),
    ];
  });
}

export function isSourceStage(stage: StageDefinition): boolean {
  return stage.actions.some((action) => typeOf(action)?.category === 'Source');
}

function rollbackRefusal(
  mode: PipelineDefinition['mode'],
  stage: StageDefinition,
  index: number,
): string | undefined {
  if (mode === 'PARALLEL') return 'A pipeline in mode PARALLEL cannot roll back; take SUPERSEDED or QUEUED.';
  if (index === 0) return 'The first stage cannot roll back: there is nothing before it to go back to.';
  if (isSourceStage(stage)) return 'A stage with source actions cannot roll back.';
  return undefined;
}

function rollbackPaths({ onSuccess, onFailure }: StageDefinition): readonly string[] {
  return [
    ...(onSuccess?.otherwise === 'ROLLBACK' ? ['onSuccess.otherwise'] : []),
    ...(onFailure?.otherwise === 'ROLLBACK' ? ['onFailure.otherwise'] : []),
    ...(onFailure?.result === 'ROLLBACK' ? ['onFailure.result'] : []),
  ];
}

function checkWait({ beforeEntry }: StageDefinition, path: string): readonly DefinitionProblem[] {
  if (beforeEntry?.waitMinutes === undefined || beforeEntry.otherwise === 'WAIT') return [];
  return [{ path: `${path}.beforeEntry.waitMinutes`, message: 'is for `otherwise: WAIT` alone.' }];
}

function checkFailure({ onFailure }: StageDefinition, stage: string): readonly DefinitionProblem[] {
  if (onFailure === undefined) return [];
  const path = `${stage}.onFailure`;
  const { retry, rules, otherwise, result } = onFailure;
  if (rules !== undefined && otherwise === undefined) {
    return [{ path: `${path}.otherwise`, message: 'is missing: ROLLBACK or RETRY when a rule does not succeed.' }];
  }
  if (rules === undefined && otherwise !== undefined) {
    return [{ path: `${path}.otherwise`, message: 'goes with rules; without them, take retry or result.' }];
  }
  if (retry === undefined && rules === undefined && result === undefined) {
    return [{ path, message: 'says nothing; it takes retry, rules with otherwise, or result.' }];
  }
  return [];
}
