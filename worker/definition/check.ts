import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { checkAction } from './checks/actions.ts';
import { checkArtifacts } from './checks/artifacts.ts';
import { checkConditions } from './checks/conditions.ts';
import { checkNames } from './checks/names.ts';
import { checkNamespaces, checkReferences } from './checks/references.ts';
import { checkSchedules } from './checks/schedules.ts';
import { checkTriggers } from './checks/triggers.ts';
import { checkCodePipelineRules } from './codepipeline/strict.ts';
import { inRunningOrder } from './placed.ts';
import type { DefinitionProblem } from './problem.ts';

/** What one member alone cannot get wrong: CodePipeline's structural rules, relaxed as `docs/definition.md` says. */
export function checkDefinition(definition: PipelineDefinition): readonly DefinitionProblem[] {
  const placed = inRunningOrder(definition);
  return [
    ...checkNames(definition),
    ...placed.flatMap(checkAction),
    ...checkArtifacts(placed),
    ...checkNamespaces(placed),
    ...checkReferences(definition, placed),
    ...checkConditions(definition),
    ...checkTriggers(definition, placed),
    ...checkSchedules(definition),
    ...(isHeldToCodePipeline(definition) ? checkCodePipelineRules(definition) : []),
  ];
}

/** What came from CodePipeline keeps its rules, so that it can go back, until its author says otherwise. */
export function isHeldToCodePipeline({ codepipeline }: PipelineDefinition): boolean {
  return codepipeline !== undefined && codepipeline.strict !== false;
}
