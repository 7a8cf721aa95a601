import type { ActionDefinition, PipelineDefinition, StageDefinition } from '../../../contract/pipeline-definition.ts';
import type { GitPatterns, TriggerDefinition } from '../../../contract/pipeline-triggers.ts';
import { checkCount } from '../checks/actions.ts';
import { inRunningOrder, type Placed, PLACES, rulesIn, typeOf } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';

/** CodePipeline's quotas and bounds. User guide, "Quotas"; API reference, `ActionDeclaration` and `RuleDeclaration`. */
const STAGES_MIN = 2;
const RULES_MAX = 5;
const VALUE_MAX = 1000;
const RULE_VALUE_MAX = 10_000;
const COMMAND_MAX = 1000;
const ENVIRONMENT_MAX = 10;
const ENVIRONMENT_VALUE_MAX = 2000;
const NAMESPACE_MAX = 100;
const FILTERS_MAX = 3;
const PATTERNS_MAX = 8;

const SKIP_RULES = ['Rule/LambdaInvoke', 'Rule/VariableCheck'];

/** CodePipeline's own rules where they are narrower than ours: it would refuse what breaks them. */
export function checkCodePipelineRules(definition: PipelineDefinition): readonly DefinitionProblem[] {
  return [
    ...checkStores(definition),
    ...checkSources(definition),
    ...inRunningOrder(definition).flatMap((placed) => [...checkPlace(placed), ...checkTexts(placed)]),
    ...definition.stages.flatMap((stage, index) => checkConditions(stage, `stages[${index}]`)),
    ...(definition.triggers ?? []).flatMap((trigger, index) =>
      checkTrigger(trigger, `triggers[${index}]`, definition),
    ),
    ...definition.variables.flatMap(({ default: value }, index) =>
      value === undefined || (value !== '' && value.length <= VALUE_MAX)
        ? []
        : [problem(`variables[${index}].default`, `takes values of 1 to ${VALUE_MAX} characters.`)],
    ),
    ...checkVersion(definition),
  ];
}

function problem(path: string, rest: string): DefinitionProblem {
  return { path, message: `CodePipeline ${rest}` };
}

function checkStores({ codepipeline = {}, stages }: PipelineDefinition): readonly DefinitionProblem[] {
  const { roleArn, artifactStore, artifactStores, blockers = {} } = codepipeline;
  const names = stages.map(({ name }) => name);
  return [
    ...(roleArn === undefined ? [problem('codepipeline.roleArn', 'needs a service role.')] : []),
    ...((artifactStore === undefined) === (artifactStores === undefined)
      ? [problem('codepipeline.artifactStore', 'needs exactly one of artifactStore and artifactStores.')]
      : []),
    ...Object.keys(blockers)
      .filter((stage) => !names.includes(stage))
      .map((stage) => ({
        path: `codepipeline.blockers.${stage}`,
        message: `There is no stage "${stage}". Known: ${names.join(', ')}.`,
      })),
  ];
}

function checkSources({ stages }: PipelineDefinition): readonly DefinitionProblem[] {
  const few = stages.length < STAGES_MIN ? [problem('stages', `needs at least ${STAGES_MIN} stages.`)] : [];
  const misplaced = stages.flatMap((stage, index) =>
    stage.actions.flatMap((action, at) => {
      const isSource = typeOf(action)?.category === 'Source';
      if (isSource === (index === 0)) return [];
      const where =
        index === 0
          ? 'takes nothing but source actions in the first stage.'
          : 'takes source actions in the first stage alone.';
      return [problem(`stages[${index}].actions[${at}].type`, where)];
    }),
  );
  return [...few, ...misplaced];
}

function checkPlace({ action, kind, type, path }: Placed): readonly DefinitionProblem[] {
  if (type === undefined) return [];
  const { owner, category, inCodePipeline } = type;
  const isAws = owner === 'AWS';
  return [
    ...(action.region !== undefined && !(isAws && category !== 'Source')
      ? [problem(`${path}.region`, 'takes a Region for actions of AWS that are no sources.')]
      : []),
    ...(action.roleArn !== undefined && !isAws
      ? [problem(`${path}.roleArn`, 'takes a role for actions of AWS.')]
      : []),
    ...(inCodePipeline === undefined || kind === 'rule'
      ? []
      : [
          ...checkCount(
            action.inputs.length,
            inCodePipeline.inputs,
            `${path}.inputs`,
            'CodePipeline takes',
            'input artifacts here',
          ),
          ...checkCount(
            action.outputs.length,
            inCodePipeline.outputs,
            `${path}.outputs`,
            'CodePipeline takes',
            'output artifacts here',
          ),
        ]),
    ...(type.provider === 'CodeBuild' &&
    action.inputs.length > 1 &&
    action.configuration['PrimarySource'] === undefined
      ? [problem(`${path}.configuration.PrimarySource`, 'needs to know which of several inputs holds the buildspec.')]
      : []),
    ...((action.namespace ?? '').length > NAMESPACE_MAX
      ? [problem(`${path}.namespace`, `takes up to ${NAMESPACE_MAX} characters.`)]
      : []),
  ];
}

function checkTexts({ action, kind, path }: Placed): readonly DefinitionProblem[] {
  const valueMax = kind === 'rule' ? RULE_VALUE_MAX : VALUE_MAX;
  return [
    ...tooLong(action.configuration, valueMax, `${path}.configuration`),
    ...tooLong(action.environment, ENVIRONMENT_VALUE_MAX, `${path}.environment`),
    ...(environmentCount(action) > ENVIRONMENT_MAX
      ? [problem(`${path}.environment`, `takes up to ${ENVIRONMENT_MAX} environment variables, secrets included.`)]
      : []),
    ...(action.commands ?? []).flatMap((command, index) =>
      command.length > COMMAND_MAX || command.includes('\n')
        ? [problem(`${path}.commands[${index}]`, `takes one line of up to ${COMMAND_MAX} characters.`)]
        : [],
    ),
  ];
}

function environmentCount({ environment, secrets = {} }: ActionDefinition): number {
  return Object.keys(environment).length + Object.keys(secrets).length;
}

function tooLong(values: Readonly<Record<string, string>>, max: number, path: string): readonly DefinitionProblem[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === '' || value.length > max ? [problem(`${path}.${key}`, `takes values of 1 to ${max} characters.`)] : [],
  );
}

function checkConditions(stage: StageDefinition, path: string): readonly DefinitionProblem[] {
  const { beforeEntry, onFailure } = stage;
  const many = PLACES.filter((place) => rulesIn(stage, place).length > RULES_MAX).map((place) =>
    problem(`${path}.${place}.rules`, `takes up to ${RULES_MAX} rules.`),
  );
  const unskippable = (beforeEntry?.otherwise === 'SKIP' ? beforeEntry.rules : []).flatMap((rule, index) => {
    const type = rule.type ?? 'Rule/Commands';
    if (SKIP_RULES.includes(type)) return [];
    return [problem(`${path}.beforeEntry.rules[${index}].type`, `skips by ${SKIP_RULES.join(' and ')} alone.`)];
  });
  return [
    ...many,
    ...unskippable,
    ...(onFailure?.retry !== undefined && onFailure.rules !== undefined
      ? [problem(`${path}.onFailure`, 'takes a retry or rules, not both.')]
      : []),
    ...(onFailure?.otherwise === 'RETRY'
      ? [problem(`${path}.onFailure.otherwise`, 'takes ROLLBACK; a retry by itself is `retry`.')]
      : []),
  ];
}

function checkTrigger(
  { source, push = [], pullRequest = [] }: TriggerDefinition,
  path: string,
  { stages }: PipelineDefinition,
): readonly DefinitionProblem[] {
  if (source === undefined) return [];
  const action = stages.flatMap((stage) => stage.actions).find(({ name }) => name === source);
  const isConnection = action !== undefined && typeOf(action)?.key === 'Source/CodeStarSourceConnection';
  const filters = [
    ...push.map((filter, index) => ({ filter, path: `${path}.push[${index}]`, isPush: true })),
    ...pullRequest.map((filter, index) => ({ filter, path: `${path}.pullRequest[${index}]`, isPush: false })),
  ];
  return [
    ...(isConnection ? [] : [problem(`${path}.source`, 'has triggers for Source/CodeStarSourceConnection alone.')]),
    ...[
      { name: 'push', count: push.length },
      { name: 'pullRequest', count: pullRequest.length },
    ].flatMap(({ name, count }) =>
      count > FILTERS_MAX ? [problem(`${path}.${name}`, `takes up to ${FILTERS_MAX} entries.`)] : [],
    ),
    ...filters.flatMap(({ filter, path: at, isPush }) => [
      ...(filter.branches === undefined && (filter.filePaths !== undefined || !isPush)
        ? [problem(at, isPush ? 'takes filePaths together with branches.' : 'needs branches.')]
        : []),
      ...(['branches', 'filePaths'] as const).flatMap((member) => manyPatterns(filter[member], `${at}.${member}`)),
      ...('tags' in filter ? manyPatterns(filter.tags, `${at}.tags`) : []),
    ]),
  ];
}

function manyPatterns(patterns: GitPatterns | undefined, path: string): readonly DefinitionProblem[] {
  return (['includes', 'excludes'] as const).flatMap((member) =>
    (patterns?.[member] ?? []).length > PATTERNS_MAX
      ? [problem(`${path}.${member}`, `takes up to ${PATTERNS_MAX} patterns.`)]
      : [],
  );
}

/** The first kind of pipeline knows less. */
function checkVersion(definition: PipelineDefinition): readonly DefinitionProblem[] {
  if (definition.codepipeline?.pipelineType !== 'V1') return [];
  const { mode, variables, triggers = [], stages } = definition;
  const members = [
    ...(mode === 'SUPERSEDED' ? [] : ['mode']),
    ...(variables.length === 0 ? [] : ['variables']),
    ...(triggers.length === 0 ? [] : ['triggers']),
    ...stages.flatMap((stage, index) =>
      PLACES.filter((place) => stage[place] !== undefined).map((place) => `stages[${index}].${place}`),
    ),
  ];
  return members.map((path) => problem(path, 'has it for pipelines of type V2 alone.'));
}
