import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { PLACES, rulesIn } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';

interface Named {
  readonly name: string;
  readonly path: string;
}

export function checkNames({ variables, stages }: PipelineDefinition): readonly DefinitionProblem[] {
  return [
    ...duplicates(variables.map(({ name }, index) => ({ name, path: `variables[${index}].name` }))),
    ...duplicates(stages.map(({ name }, index) => ({ name, path: `stages[${index}].name` }))),
    ...stages.flatMap((stage, index) => [
      ...duplicates(stage.actions.map(({ name }, at) => ({ name, path: `stages[${index}].actions[${at}].name` }))),
      ...PLACES.flatMap((place) =>
        duplicates(
          rulesIn(stage, place).map(({ name }, at) => ({
            name,
            path: `stages[${index}].${place}.rules[${at}].name`,
          })),
        ),
      ),
    ]),
  ];
}

export function duplicates(named: readonly Named[]): readonly DefinitionProblem[] {
  const seen = new Set<string>();
  return named.flatMap(({ name, path }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path, message: `"${name}" is used twice; names must differ.` }];
  });
}
