import type { ActionDefinition } from '../../../contract/pipeline-definition.ts';
import { type ActionType, actionTypes } from '../action-types.ts';
import { type Placed, typeName } from '../placed.ts';
import { type DefinitionProblem, pathText } from '../problem.ts';
import { CATEGORIES, typeId } from '../type-name.ts';
import type { Bounds } from '../types/type.ts';

/** An action or rule by itself: does its type exist, and does it have what the type wants? */
export function checkAction({ action, kind, type, path }: Placed): readonly DefinitionProblem[] {
  const name = typeName(action);
  if (name === undefined) {
    const example = kind === 'rule' ? 'Rule/DeploymentWindow' : 'Approval/Manual';
    return [{ path, message: `needs a type like ${example}, or commands to run on a runner.` }];
  }
  if (type === undefined) return [{ path: `${path}.type`, message: unknownType(name, kind) }];
  if (kind === 'action' && type.category === 'Rule') {
    const message = `${name} is a rule; rules stand in beforeEntry, onSuccess or onFailure of a stage.`;
    return [{ path: `${path}.type`, message }];
  }
  if (kind === 'rule' && type.category !== 'Rule') {
    return [{ path: `${path}.type`, message: `${name} is an action; a condition takes types like Rule/Commands.` }];
  }
  return [
    ...checkCommands(action, type, path),
    ...checkConfiguration(action, type, path),
    ...checkCount(action.inputs.length, type.inputs, `${path}.inputs`, `${type.key} takes`, 'input artifacts'),
    ...checkCount(action.outputs.length, type.outputs, `${path}.outputs`, `${type.key} puts out`, 'artifacts'),
    ...checkTimes(action, type, path),
    ...checkApproval(action, type, path),
    ...checkSecrets(action, path),
  ];
}

function unknownType(name: string, kind: Placed['kind']): string {
  const { category, owner } = typeId(name);
  const categories = CATEGORIES.filter((one) => (kind === 'rule') === (one === 'Rule'));
  if (!categories.some((one) => one === category)) {
    return `There is no category "${category}" for ${kind}s. Known: ${categories.join(', ')}.`;
  }
  const known = actionTypes().filter((type) => type.category === category);
  const names = known.map(({ key }) => key).join(', ');
  const custom =
    owner === undefined && kind === 'action' ? ` A custom type is ${category}/Custom/Provider@Version.` : '';
  return `There is no ${kind} type "${name}". Known: ${names}.${custom}`;
}

function checkCommands(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
  if (type.commands && action.commands === undefined) {
    return [{ path: `${path}.commands`, message: `${type.key} needs commands.` }];
  }
  if (type.commands) return [];
  // What a runner does by itself, like fetching with git, brings its own commands.
  const ofCommands = ['commands', 'identity'] as const;
  const runnerOnly = ['pool', 'labels', 'onRunnerLoss', 'secrets'] as const;
  const strange = type.carrier === 'runner' ? ofCommands : [...ofCommands, ...runnerOnly];
  const given: readonly string[] = strange.filter((member) => action[member] !== undefined);
  const filled = [
    ...given,
    ...(Object.keys(action.environment).length > 0 && !type.environment ? ['environment'] : []),
    ...(action.outputVariables.length > 0 ? ['outputVariables'] : []),
  ];
  return filled.map((member) => ({
    path: `${path}.${member}`,
    message:
      type.carrier === 'runner'
        ? `${type.key} has its own commands; ${member} is for actions with commands.`
        : `${type.key} does not run on a runner; ${member} is for actions with commands.`,
  }));
}

function checkConfiguration(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
  const result = type.configuration.safeParse(action.configuration);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(type.configuration.shape).join(', ') || 'none';
      return issue.keys.map((key) => ({
        path: `${path}.configuration.${key}`,
        message: `${type.key} has no configuration property "${key}". Known: ${known}.`,
      }));
    }
    const at = pathText(['configuration', ...issue.path]);
    const isMissing = issue.code === 'invalid_type' && !Object.hasOwn(action.configuration, String(issue.path[0]));
    return [{ path: `${path}.${at}`, message: isMissing ? `${type.key} needs it.` : `${issue.message}.` }];
  });
}

export function checkCount(
  count: number,
  { min, max }: Bounds,
  path: string,
  subject: string,
  noun: string,
): readonly DefinitionProblem[] {
  if (count >= min && count <= max) return [];
  const range = min === max ? (max === 0 ? 'no' : `exactly ${min}`) : `${min} to ${max}`;
  return [{ path, message: `${subject} ${range} ${noun}, not ${count}.` }];
}

function checkTimes(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
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

function checkApproval(action: ActionDefinition, type: ActionType, path: string): readonly DefinitionProblem[] {
  const { approvers = [], approvals = 1 } = action;
  if (type.carrier !== 'person') {
    return (['approvers', 'approvals', 'selfApproval', 'whenNewer'] as const)
      .filter((member) => action[member] !== undefined)
      .map((member) => ({ path: `${path}.${member}`, message: `${member} is for Approval/Manual.` }));
  }
  const people = new Set(approvers);
  if (people.size < approvers.length) {
    return [{ path: `${path}.approvers`, message: 'Somebody is named twice; names must differ.' }];
  }
  if (people.size > 0 && people.size < approvals && approvers.every((one) => !one.startsWith('role:'))) {
    const message = `${approvals} people must approve, but only ${people.size} may; name more approvers or a role.`;
    return [{ path: `${path}.approvals`, message }];
  }
  return [];
}

function checkSecrets({ secrets = {}, environment }: ActionDefinition, path: string): readonly DefinitionProblem[] {
  return Object.keys(secrets)
    .filter((name) => Object.hasOwn(environment, name))
    .map((name) => ({ path: `${path}.secrets.${name}`, message: `environment has ${name} too; leave one of them.` }));
}
