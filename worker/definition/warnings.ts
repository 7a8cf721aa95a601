import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { isInCatalogue } from './action-types.ts';
import { inRunningOrder, type Placed } from './placed.ts';
import type { DefinitionProblem } from './problem.ts';
import { watchedOf } from './watched.ts';

/** What may be saved, but does not do all that it says. */
export function warningsOf(definition: PipelineDefinition): readonly DefinitionProblem[] {
  const { triggers = [] } = definition;
  const watched = watchedOf(definition).map(({ action }) => action);
  return [
    ...inRunningOrder(definition).flatMap(warningsOfPlaced),
    ...triggers.flatMap(({ source }, index) =>
      source === undefined || watched.includes(source)
        ? []
        : [
            {
              path: `triggers[${index}].source`,
              message: `Nothing tells of changes of "${source}": it names no connection. Start the pipeline through the API.`,
            },
          ],
    ),
  ];
}

function warningsOfPlaced({ action, kind, type, path }: Placed): readonly DefinitionProblem[] {
  if (type === undefined) return [];
  const unknown =
    type.unknownProperties === 'refused' || !isInCatalogue(type)
      ? []
      : Object.keys(action.configuration).filter((key) => !Object.hasOwn(type.configuration.shape, key));
  return [
    ...(type.runnable
      ? []
      : [
          {
            path: `${path}.type`,
            message: `Nothing here carries out ${type.key} yet; the ${kind} would fail with ConfigurationError.`,
          },
        ]),
    ...unknown.map((key) => ({
      path: `${path}.configuration.${key}`,
      message: `${type.key} is not known to have "${key}"; check its spelling.`,
    })),
    ...Object.entries(action.secrets ?? {})
      .filter(([, reference]) => /^(secretsmanager|ssm):/.test(reference))
      .map(([name]) => ({
        path: `${path}.secrets.${name}`,
        message: 'Nothing here reads secrets of AWS yet; the action would fail with ConfigurationError.',
      })),
  ];
}
