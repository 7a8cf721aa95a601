import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { isInCatalogue } from './action-types.ts';
import { inRunningOrder, type Placed } from './placed.ts';
import type { DefinitionProblem } from './problem.ts';
import { watchedOf } from './watched.ts';

/** What may be saved, but does not do all that it says. */
export function warningsOf(definition: PipelineDefinition): readonly DefinitionProblem[] {
  const { triggers = [] } = definition;
  const watched = watchedOf(definition).map(({ action }) => action);
  const placed = inRunningOrder(definition);
  const sources = placed.flatMap(({ action, type }) =>
    type?.category === 'Source' && action.namespace !== undefined ? [action.namespace] : [],
  );
  return [
    ...placed.flatMap(warningsOfPlaced),
    ...placed.flatMap((one) => warningsOfScript(one, sources)),
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

/** Branches, tags, messages and titles are named by whoever pushes, and a shell reads what is put into its script. */
function warningsOfScript({ action, path }: Placed, sources: readonly string[]): readonly DefinitionProblem[] {
  return (action.commands ?? []).flatMap((command, index) =>
    sources
      .filter((namespace) => command.includes(`#{${namespace}.`))
      .map((namespace) => ({
        path: `${path}.commands[${index}]`,
        message:
          `What #{${namespace}.…} stands for is put into the script as it is, and whoever pushes has written it. ` +
          'Hand it on in environment, and quote it: "$NAME".',
      })),
  );
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
