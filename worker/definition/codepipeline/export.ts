import type { BeforeEntry, OnFailure, OnSuccess, RuleDefinition } from '../../../contract/pipeline-conditions.ts';
import type { ActionDefinition, PipelineDefinition, StageDefinition } from '../../../contract/pipeline-definition.ts';
import type { StageRetry } from '../../../contract/pipeline-retry.ts';
import type { PullRequestFilter, TriggerDefinition } from '../../../contract/pipeline-triggers.ts';
import { actionType } from '../action-types.ts';
import { ruleAsAction, typeName } from '../placed.ts';
import type { DefinitionProblem } from '../problem.ts';
import type {
  ActionDeclaration,
  ConditionDeclaration,
  FailureDeclaration,
  PipelineDeclaration,
  RuleDeclaration,
  StageDeclaration,
  Tag,
  TriggerDeclaration,
} from './declaration.ts';
import { checkCodePipelineRules } from './strict.ts';
import { idOf } from './type-ids.ts';

export interface Exported {
  readonly pipeline: PipelineDeclaration;
  readonly tags: readonly Tag[];
  /** What CodePipeline does not have, or would refuse. Empty for whatever came from CodePipeline. */
  readonly notCarried: readonly DefinitionProblem[];
}

/** Writes a definition as CodePipeline's JSON: what create-pipeline and update-pipeline take. */
export function exportCodePipeline(definition: PipelineDefinition): Exported {
  const lost: DefinitionProblem[] = [];
  const { name, mode, onUpdate, variables, triggers = [], tags = {}, codepipeline = {} } = definition;
  const { roleArn, pipelineType = 'V2', artifactStore, artifactStores, version } = codepipeline;
  if (onUpdate !== 'cancel' && mode !== 'PARALLEL') {
    lost.push({ path: 'onUpdate', message: 'CodePipeline cancels what runs when a pipeline is updated.' });
  }
  if (definition.forks !== undefined) {
    lost.push({ path: 'forks', message: 'CodePipeline runs what comes from forks as it runs everything.' });
  }
  const imported = codepipeline.pipelineType === undefined && definition.codepipeline !== undefined;
  const pipeline: PipelineDeclaration = {
    name,
    ...(imported ? {} : { pipelineType }),
    executionMode: mode,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(artifactStore === undefined ? {} : { artifactStore }),
    ...(artifactStores === undefined ? {} : { artifactStores }),
    ...list('variables', variables.map(variableDeclaration)),
    ...list(
      'triggers',
      triggers.flatMap((trigger, index) => triggerDeclaration(trigger, `triggers[${index}]`, lost)),
    ),
    stages: definition.stages.map((stage, index) =>
      stageDeclaration(stage, codepipeline.blockers?.[stage.name] ?? [], `stages[${index}]`, lost),
    ),
    ...(version === undefined ? {} : { version }),
  };
  return {
    pipeline,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    notCarried: [...lost, ...checkCodePipelineRules(definition)],
  };
}

function variableDeclaration({ name, default: defaultValue, description }: PipelineDefinition['variables'][number]) {
  return {
    name,
    ...(defaultValue === undefined ? {} : { defaultValue }),
    ...(description === undefined ? {} : { description }),
  };
}

function triggerDeclaration(
  { source, push, pullRequest, webhook, pipeline }: TriggerDefinition,
  at: string,
  lost: DefinitionProblem[],
): readonly TriggerDeclaration[] {
  if (webhook !== undefined || pipeline !== undefined) {
    lost.push({
      path: webhook === undefined ? `${at}.pipeline` : `${at}.webhook`,
      message: 'CodePipeline has nothing like it.',
    });
    return [];
  }
  if (source === undefined) {
    const message = 'CodePipeline has no schedules; an EventBridge rule starts pipelines by the clock.';
    lost.push({ path: `${at}.schedule`, message });
    return [];
  }
  const gitConfiguration = {
    sourceActionName: source,
    ...(push === undefined ? {} : { push }),
    ...(pullRequest === undefined
      ? {}
      : {
          pullRequest: pullRequest.map((filter, index) =>
            pullRequestDeclaration(filter, `${at}.pullRequest[${index}]`, lost),
          ),
        }),
  };
  return [{ providerType: 'CodeStarSourceConnection', gitConfiguration }];
}

type PullRequestDeclaration = NonNullable<TriggerDeclaration['gitConfiguration']['pullRequest']>[number];

function pullRequestDeclaration(
  { events, drafts, ...filter }: PullRequestFilter,
  at: string,
  lost: DefinitionProblem[],
): PullRequestDeclaration {
  if (drafts === false) lost.push({ path: `${at}.drafts`, message: 'CodePipeline tells no drafts apart.' });
  if (events === undefined) return filter;
  const carried = events.filter((event) => event !== 'MERGED');
  if (carried.length === events.length) return { ...filter, events: carried };
  lost.push({ path: `${at}.events`, message: 'CodePipeline calls MERGED closed, too; it has been made CLOSED.' });
  return { ...filter, events: [...new Set([...carried, 'CLOSED' as const])] };
}

function stageDeclaration(
  stage: StageDefinition,
  blockers: NonNullable<StageDeclaration['blockers']>,
  at: string,
  lost: DefinitionProblem[],
): StageDeclaration {
  const beforeEntry = conditionDeclaration(stage.beforeEntry, `${at}.beforeEntry`, lost);
  const onSuccess = conditionDeclaration(stage.onSuccess, `${at}.onSuccess`, lost);
  const onFailure = failureDeclaration(stage.onFailure, `${at}.onFailure`, lost);
  return {
    name: stage.name,
    ...list('blockers', blockers),
    ...(beforeEntry === undefined ? {} : { beforeEntry: { conditions: [beforeEntry] } }),
    actions: stage.actions.map((action, index) => actionDeclaration(action, `${at}.actions[${index}]`, lost)),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onSuccess === undefined ? {} : { onSuccess: { conditions: [onSuccess] } }),
  };
}

function conditionDeclaration(
  condition: BeforeEntry | OnSuccess | undefined,
  at: string,
  lost: DefinitionProblem[],
): ConditionDeclaration | undefined {
  if (condition === undefined) return undefined;
  const { otherwise } = condition;
  if (otherwise === 'WAIT') {
    lost.push({ path: `${at}.otherwise`, message: 'CodePipeline cannot WAIT; it has been made FAIL.' });
  }
  return rulesDeclaration(condition.rules, otherwise === 'WAIT' ? 'FAIL' : otherwise, at, lost);
}

function rulesDeclaration(
  rules: readonly RuleDefinition[],
  result: NonNullable<ConditionDeclaration['result']>,
  at: string,
  lost: DefinitionProblem[],
): ConditionDeclaration | undefined {
  const carried = rules.flatMap((rule, index) => ruleDeclaration(rule, `${at}.rules[${index}]`, lost));
  return carried.length === 0 ? undefined : { result, rules: carried };
}

function failureDeclaration(
  failure: OnFailure | undefined,
  at: string,
  lost: DefinitionProblem[],
): FailureDeclaration | undefined {
  if (failure === undefined) return undefined;
  const { retry, rules = [], otherwise = 'ROLLBACK', result } = failure;
  if (retry !== undefined && result !== undefined) {
    lost.push({
      path: `${at}.result`,
      message: 'CodePipeline takes a retry or a rollback; the retry has been kept.',
    });
  }
  const condition = rulesDeclaration(rules, otherwise, at, lost);
  const response = retry === undefined ? result : 'RETRY';
  if (response === undefined && condition === undefined) return undefined;
  return {
    ...(response === undefined ? {} : { result: response }),
    ...(retry === undefined ? {} : { retryConfiguration: { retryMode: retryMode(retry, at, lost) } }),
    ...(condition === undefined ? {} : { conditions: [condition] }),
  };
}

function retryMode(retry: StageRetry, at: string, lost: DefinitionProblem[]) {
  if (typeof retry === 'string') return retry;
  if (retry.attempts !== 2 || retry.backoffSeconds !== 0 || retry.on !== undefined) {
    lost.push({ path: `${at}.retry`, message: 'CodePipeline tries again once, at once and whatever failed.' });
  }
  return retry.mode;
}

function ruleDeclaration(rule: RuleDefinition, at: string, lost: DefinitionProblem[]): readonly RuleDeclaration[] {
  const { id, isSame } = idOf(typeName(ruleAsAction(rule)) ?? '');
  if (!isSame) {
    lost.push({ path: at, message: `CodePipeline has no rule ${id.category}/${id.provider}; it has been left out.` });
    return [];
  }
  noteOurs(rule, ['environment', 'pool', 'labels'], at, lost);
  const { commands = [], inputs = [], configuration = {}, region, roleArn } = rule;
  return [
    {
      name: rule.name,
      ruleTypeId: id,
      ...map('configuration', configuration),
      ...list('commands', commands),
      ...list(
        'inputArtifacts',
        inputs.map((name) => ({ name })),
      ),
      ...(region === undefined ? {} : { region }),
      ...(roleArn === undefined ? {} : { roleArn }),
      ...timeout(rule.timeoutMinutes, at, lost),
    },
  ];
}

const OURS = [
  'retry',
  'onRunnerLoss',
  'pool',
  'labels',
  'identity',
  'approvers',
  'approvals',
  'selfApproval',
  'whenNewer',
] as const;

function actionDeclaration(action: ActionDefinition, at: string, lost: DefinitionProblem[]): ActionDeclaration {
  const name = typeName(action) ?? '';
  const { id, isSame } = idOf(name);
  if (!isSame) {
    const message = `CodePipeline has no ${name}; it has been made ${id.category}/${id.owner}/${id.provider}.`;
    lost.push({ path: `${at}.type`, message });
  }
  noteOurs(action, OURS, at, lost);
  const { runOrder, namespace, region, roleArn } = action;
  const isApproval = id.category === 'Approval';
  if (action.timeoutMinutes !== undefined && !isApproval) {
    lost.push({ path: `${at}.timeoutMinutes`, message: 'CodePipeline heeds it for approvals alone.' });
  }
  return {
    name: action.name,
    actionTypeId: id,
    runOrder,
    ...(namespace === undefined ? {} : { namespace }),
    ...map('configuration', carriedConfiguration(action, name, at, lost)),
    ...list('commands', action.commands ?? []),
    ...list('environmentVariables', environmentVariables(action, at, lost)),
    ...list(
      'inputArtifacts',
      action.inputs.map((input) => ({ name: input })),
    ),
    ...list(
      'outputArtifacts',
      action.outputs.map(({ name: output, files }) => ({ name: output, ...list('files', files) })),
    ),
    ...list('outputVariables', action.outputVariables),
    ...(region === undefined ? {} : { region }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...timeout(action.timeoutMinutes, at, lost),
  };
}

/** CodePipeline has its own connections to AWS, and starts another pipeline without waiting for it. */
function carriedConfiguration(
  { configuration }: ActionDefinition,
  type: string,
  at: string,
  lost: DefinitionProblem[],
): Readonly<Record<string, string>> {
  const { ours = [] } = actionType(type) ?? {};
  if (ours.length > 0) {
    const isOurs = ([property]: readonly [string, string]): boolean => ours.includes(property);
    for (const [property] of Object.entries(configuration).filter(isOurs)) {
      lost.push({ path: `${at}.configuration.${property}`, message: 'CodePipeline has no such property here.' });
    }
    return Object.fromEntries(Object.entries(configuration).filter((entry) => !isOurs(entry)));
  }
  if (type !== 'Invoke/Pipeline') return configuration;
  const { Wait: wait, ...carried } = configuration;
  if (wait !== 'false') {
    lost.push({ path: `${at}.configuration.Wait`, message: 'CodePipeline does not wait for the other pipeline.' });
  }
  return carried;
}

function environmentVariables(
  { environment, secrets = {} }: ActionDefinition,
  at: string,
  lost: DefinitionProblem[],
) {
  const plain = Object.entries(environment).map(([name, value]) => ({ name, value, type: 'PLAINTEXT' as const }));
  const secret = Object.entries(secrets).flatMap(([name, reference]) => {
    const [, value] = /^secretsmanager:(.+)$/s.exec(reference) ?? [];
    if (value !== undefined) return [{ name, value, type: 'SECRETS_MANAGER' as const }];
    const message = 'is a secret of this tenant; put it into AWS Secrets Manager and name it there.';
    lost.push({ path: `${at}.secrets.${name}`, message });
    return [];
  });
  return [...plain, ...secret];
}

/** AWS: whole minutes from 5 to 86,400. */
function timeout(minutes: number | undefined, at: string, lost: DefinitionProblem[]): { timeoutInMinutes?: number } {
  if (minutes === undefined) return {};
  if (Number.isInteger(minutes) && minutes >= 5) return { timeoutInMinutes: minutes };
  lost.push({ path: `${at}.timeoutMinutes`, message: 'CodePipeline takes whole minutes from 5 to 86400.' });
  return {};
}

function noteOurs<Member extends string>(
  from: { readonly [K in Member]?: unknown },
  members: readonly Member[],
  at: string,
  lost: DefinitionProblem[],
): void {
  for (const member of members.filter((one) => from[one] !== undefined)) {
    lost.push({ path: `${at}.${member}`, message: 'CodePipeline has nothing like it.' });
  }
}

/** A member for a list that has something in it. */
function list<Name extends string, Item>(name: Name, items: readonly Item[]): { [K in Name]?: Item[] } {
  return (items.length === 0 ? {} : { [name]: [...items] }) as { [K in Name]?: Item[] };
}

function map<Name extends string, Value>(
  name: Name,
  values: Readonly<Record<string, Value>>,
): { [K in Name]?: Record<string, Value> } {
  return (Object.keys(values).length === 0 ? {} : { [name]: { ...values } }) as {
    [K in Name]?: Record<string, Value>;
  };
}
