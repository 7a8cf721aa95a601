import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { references } from '../../engine/variables.ts';
import { type Placed, runsBefore } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';
import { duplicates } from './names.ts';

const RESERVED_NAMESPACES = ['codepipeline', 'variables', 'secrets'];

export function checkNamespaces(placed: readonly Placed[]): readonly DefinitionProblem[] {
  const named = placed.flatMap(({ action, path }) =>
    action.namespace === undefined ? [] : [{ name: action.namespace, path: `${path}.namespace` }],
  );
  const artifacts = new Set(placed.flatMap(({ action }) => action.outputs.map(({ name }) => name)));
  return [
    ...duplicates(named),
    ...named.flatMap(({ name, path }) => {
      if (RESERVED_NAMESPACES.includes(name)) return [{ path, message: `The namespace "${name}" is reserved.` }];
      if (!artifacts.has(name)) return [];
      return [{ path, message: `"${name}" is the name of an artifact too; choose another namespace.` }];
    }),
  ];
}

/** Every `#{namespace.name}` means something that is known when it is needed. */
export function checkReferences(
  { variables }: PipelineDefinition,
  placed: readonly Placed[],
): readonly DefinitionProblem[] {
  const declared = new Set(variables.map(({ name }) => name));
  return placed.flatMap((consumer) =>
    texts(consumer).flatMap(({ path, text }) =>
      references(text).flatMap(({ namespace, name }) => {
        const message = referenceProblem(namespace, name, consumer, placed, declared);
        return message === undefined ? [] : [{ path, message }];
      }),
    ),
  );
}

function referenceProblem(
  namespace: string,
  name: string,
  consumer: Placed,
  placed: readonly Placed[],
  variables: ReadonlySet<string>,
): string | undefined {
  const reference = `#{${namespace}.${name}}`;
  if (namespace === 'codepipeline') {
    return name === 'PipelineExecutionId' ? undefined : `${reference}: only PipelineExecutionId exists there.`;
  }
  if (namespace === 'variables') {
    return variables.has(name) ? undefined : `${reference}: the pipeline declares no variable "${name}".`;
  }
  const producer = placed.find(({ action }) => action.namespace === namespace);
  if (producer === undefined) return `${reference}: no action has the namespace "${namespace}".`;
  if (!runsBefore(producer, consumer)) {
    return `${reference}: "${producer.action.name}" (${producer.path}) does not run before this ${consumer.kind}.`;
  }
  const names = outputVariables(producer);
  if (names === undefined || names.includes(name)) return undefined;
  return `${reference}: "${producer.action.name}" has no output variable "${name}". Known: ${names.join(', ') || 'none'}.`;
}

/** Undefined: nobody knows before it has run. */
function outputVariables({ action, type }: Placed): readonly string[] | undefined {
  switch (type?.outputVariables.others) {
    case 'none':
      return type.outputVariables.known;
    case 'declared':
      return action.outputVariables;
    case 'open':
    case undefined:
      return undefined;
  }
}

function texts({ action, path }: Placed): readonly { path: string; text: string }[] {
  return [
    ...Object.entries(action.configuration).map(([key, text]) => ({ path: `${path}.configuration.${key}`, text })),
    ...Object.entries(action.environment).map(([key, text]) => ({ path: `${path}.environment.${key}`, text })),
    ...(action.commands ?? []).map((text, index) => ({ path: `${path}.commands[${index}]`, text })),
  ];
}
