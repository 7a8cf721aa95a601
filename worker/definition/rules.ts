import type { ActionDefinition, PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { references } from '../engine/variables.ts';
import { type ActionType, actionType, actionTypes } from './action-types.ts';
import { type DefinitionProblem, pathText } from './problem.ts';

const RESERVED_NAMESPACES = ['codepipeline', 'variables'];

/** The rules that one member alone cannot break: CodePipeline's structural rules, relaxed as `docs/definition.md` says. */
export function checkRules(definition: PipelineDefinition): readonly DefinitionProblem[] {
  const actions = inRunningOrder(definition);
  return [
    ...duplicates(definition.variables.map(({ name }, index) => ({ name, path: `variables[${index}].name` }))),
    ...duplicates(definition.stages.map(({ name }, index) => ({ name, path: `stages[${index}].name` }))),
    ...definition.stages.flatMap((stage, index) =>
      duplicates(
        stage.actions.map(({ name }, action) => ({ name, path: `stages[${index}].actions[${action}].name` })),
      ),
    ),
    ...actions.flatMap(checkAction),
    ...checkArtifacts(actions),
    ...checkNamespaces(actions),
    ...checkReferences(definition, actions),
  ];
}

interface PlacedAction {
  readonly action: ActionDefinition;
  readonly type: ActionType | undefined;
  readonly path: string;
  readonly stage: number;
}

export function typeKey(action: ActionDefinition): string | undefined {
  return action.type ?? (action.commands === undefined ? undefined : 'Compute/Commands');
}

function inRunningOrder(definition: PipelineDefinition): readonly PlacedAction[] {
  return definition.stages.flatMap((stage, index) =>
    stage.actions
      .map((action, at): PlacedAction => {
        const key = typeKey(action);
        const type = key === undefined ? undefined : actionType(key);
        return { action, type, path: `stages[${index}].actions[${at}]`, stage: index };
      })
      .sort((one, other) => one.action.runOrder - other.action.runOrder),
  );
}

function checkAction(placed: PlacedAction): readonly DefinitionProblem[] {
  const { action, type, path } = placed;
  const key = typeKey(action);
  if (key === undefined) {
    return [{ path, message: 'needs a type like Approval/Manual, or commands to run on a runner.' }];
  }
  if (type === undefined) {
    const known = actionTypes()
      .map((one) => one.key)
      .join(', ');
    return [{ path: `${path}.type`, message: `There is no action type "${key}". Known: ${known}.` }];
  }
  return [
    ...checkCommands(action, type, path),
    ...checkConfiguration(action, type, path),
    ...checkCount(action.inputs.length, type.inputs, `${path}.inputs`, `${key} takes`, 'input artifacts'),
    ...checkCount(action.outputs.length, type.outputs, `${path}.outputs`, `${key} puts out`, 'artifacts'),
    ...checkLimits(action, type, path),
  ];
}

function checkCommands(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
  if (type.commands && action.commands === undefined) {
    return [{ path: `${path}.commands`, message: `${type.key} needs commands.` }];
  }
  if (type.commands) return [];
  const runnerOnly = ['commands', 'pool', 'labels', 'onRunnerLoss'] as const;
  const given: readonly string[] = runnerOnly.filter((member) => action[member] !== undefined);
  const filled = [
    ...given,
    ...(Object.keys(action.environment).length > 0 ? ['environment'] : []),
    ...(action.outputVariables.length > 0 ? ['outputVariables'] : []),
  ];
  return filled.map((member) => ({
    path: `${path}.${member}`,
    message: `${type.key} does not run on a runner; ${member} is for actions with commands.`,
  }));
}

function checkConfiguration(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
  const result = type.configuration.safeParse(action.configuration);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: `${path}.configuration.${key}`,
        message: `${type.key} has no configuration property "${key}".`,
      }));
    }
    const at = pathText(['configuration', ...issue.path]);
    const missing = issue.path.length === 1 && !Object.hasOwn(action.configuration, String(issue.path[0]));
    return [{ path: `${path}.${at}`, message: missing ? `${type.key} needs it.` : `${issue.message}.` }];
  });
}

function checkCount(
  count: number,
  { min, max }: { readonly min: number; readonly max: number },
  path: string,
  subject: string,
  noun: string,
): readonly DefinitionProblem[] {
  if (count >= min && count <= max) return [];
  const range = min === max ? (max === 0 ? 'no' : `exactly ${min}`) : `${min} to ${max}`;
  return [{ path, message: `${subject} ${range} ${noun}, not ${count}.` }];
}

function checkLimits(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  if (action.timeoutMinutes !== undefined && action.timeoutMinutes * 60_000 > type.timeoutMs.max) {
    const message = `${type.key} may run for ${type.timeoutMs.max / 60_000} minutes at most.`;
    problems.push({ path: `${path}.timeoutMinutes`, message });
  }
  if (action.retry !== undefined && type.carrier === 'person') {
    problems.push({ path: `${path}.retry`, message: 'A person is asked once; an approval has no retries.' });
  }
  return problems;
}

/** Every input comes from an action that has surely run before: an earlier stage, or a lower run order of the same one. */
function checkArtifacts(actions: readonly PlacedAction[]): readonly DefinitionProblem[] {
  const outputs = actions.flatMap((placed) =>
    placed.action.outputs.map(({ name }, index) => ({ name, placed, path: `${placed.path}.outputs[${index}]` })),
  );
  const missing = actions.flatMap((consumer) =>
    consumer.action.inputs.flatMap((name, index): readonly DefinitionProblem[] => {
      const path = `${consumer.path}.inputs[${index}]`;
      const producer = outputs.find((output) => output.name === name)?.placed;
      if (producer === undefined) {
        const names = outputs.map((output) => output.name).join(', ') || 'none';
        return [{ path, message: `No action puts out an artifact "${name}". Known artifacts: ${names}.` }];
      }
      if (runsBefore(producer, consumer)) return [];
      const remedy = 'The producer must be in an earlier stage or have a lower runOrder.';
      const place = producer === consumer ? 'this same action' : `"${producer.action.name}" (${producer.path})`;
      return [{ path, message: `Artifact "${name}" is put out by ${place}, which does not run before. ${remedy}` }];
    }),
  );
  const repeated = actions.flatMap((placed) =>
    duplicates(placed.action.inputs.map((name, index) => ({ name, path: `${placed.path}.inputs[${index}]` }))),
  );
  return [...duplicates(outputs), ...repeated, ...missing];
}

function checkNamespaces(actions: readonly PlacedAction[]): readonly DefinitionProblem[] {
  const named = actions.flatMap(({ action, path }) =>
    action.namespace === undefined ? [] : [{ name: action.namespace, path: `${path}.namespace` }],
  );
  const artifacts = new Set(actions.flatMap(({ action }) => action.outputs.map(({ name }) => name)));
  return [
    ...duplicates(named),
    ...named.flatMap(({ name, path }) => {
      if (RESERVED_NAMESPACES.includes(name)) return [{ path, message: `The namespace "${name}" is reserved.` }];
      if (!artifacts.has(name)) return [];
      return [{ path, message: `"${name}" is the name of an artifact too; choose another namespace.` }];
    }),
  ];
}

function checkReferences(
  definition: PipelineDefinition,
  actions: readonly PlacedAction[],
): readonly DefinitionProblem[] {
  const variables = new Set(definition.variables.map(({ name }) => name));
  return actions.flatMap((consumer) =>
    texts(consumer).flatMap(({ path, text }) =>
      references(text).flatMap(({ namespace, name }) => {
        const message = referenceProblem(namespace, name, consumer, actions, variables);
        return message === undefined ? [] : [{ path, message }];
      }),
    ),
  );
}

function referenceProblem(
  namespace: string,
  name: string,
  consumer: PlacedAction,
  actions: readonly PlacedAction[],
  variables: ReadonlySet<string>,
): string | undefined {
  const reference = `#{${namespace}.${name}}`;
  if (namespace === 'codepipeline') {
    return name === 'PipelineExecutionId' ? undefined : `${reference}: only PipelineExecutionId exists there.`;
  }
  if (namespace === 'variables') {
    return variables.has(name) ? undefined : `${reference}: the pipeline declares no variable "${name}".`;
  }
  const producer = actions.find(({ action }) => action.namespace === namespace);
  if (producer === undefined) return `${reference}: no action has the namespace "${namespace}".`;
  if (!runsBefore(producer, consumer)) {
    return `${reference}: "${producer.action.name}" (${producer.path}) does not run before this action.`;
  }
  const names =
    producer.type?.outputVariables === 'declared' ? producer.action.outputVariables : producer.type?.outputVariables;
  if (names === undefined || names.includes(name)) return undefined;
  return `${reference}: "${producer.action.name}" has no output variable "${name}". Known: ${names.join(', ') || 'none'}.`;
}

function texts({ action, path }: PlacedAction): readonly { path: string; text: string }[] {
  return [
    ...Object.entries(action.configuration).map(([key, text]) => ({ path: `${path}.configuration.${key}`, text })),
    ...Object.entries(action.environment).map(([key, text]) => ({ path: `${path}.environment.${key}`, text })),
    ...(action.commands ?? []).map((text, index) => ({ path: `${path}.commands[${index}]`, text })),
  ];
}

function runsBefore(producer: PlacedAction, consumer: PlacedAction): boolean {
  if (producer.stage !== consumer.stage) return producer.stage < consumer.stage;
  return producer.action.runOrder < consumer.action.runOrder;
}

function duplicates(
  named: readonly { readonly name: string; readonly path: string }[],
): readonly DefinitionProblem[] {
  return named.flatMap(({ name, path }, index) =>
    named.findIndex((other) => other.name === name) === index
      ? []
      : [{ path, message: `"${name}" is used twice; names must differ.` }],
  );
}
