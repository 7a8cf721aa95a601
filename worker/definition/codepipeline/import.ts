import type { z } from 'zod';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { DefinitionProblem } from '../problem.ts';
import { pathText } from '../problem.ts';
import { shapeProblems } from '../shape.ts';
import {
  type ActionDeclaration,
  type ConditionDeclaration,
  type FailureDeclaration,
  PipelineDeclaration,
  PipelineEnvelope,
  type RuleDeclaration,
  type StageDeclaration,
  type Tag,
  type TriggerDeclaration,
} from './declaration.ts';
import { nameOf } from './type-ids.ts';

/** A definition as a person would write it: what is the default is left out. */
export type DefinitionDocument = z.input<typeof PipelineDefinition>;
type ActionDocument = DefinitionDocument['stages'][number]['actions'][number];
type RuleDocument = NonNullable<DefinitionDocument['stages'][number]['beforeEntry']>['rules'][number];

export interface Imported {
  /** Undefined: this is not a pipeline of CodePipeline, as `problems` say. Not checked by the rules of definitions yet. */
  readonly document: DefinitionDocument | undefined;
  /** Paths are those of the imported JSON. */
  readonly problems: readonly DefinitionProblem[];
  readonly warnings: readonly DefinitionProblem[];
}

/** Reads what `get-pipeline` answers (with or without `metadata`), what `create-pipeline` takes, or the bare declaration. */
export function importCodePipeline(json: unknown): Imported {
  const isEnvelope = typeof json === 'object' && json !== null && 'pipeline' in json;
  const { declaration, tags, problems, warnings } = isEnvelope ? readEnvelope(json) : readBare(json);
  if (declaration === undefined) return { document: undefined, problems, warnings };
  const notes: DefinitionProblem[] = [...warnings];
  const wrong: DefinitionProblem[] = [...problems];
  const at = isEnvelope ? 'pipeline.' : '';
  const document = pipelineDocument(declaration, tags, at, { notes, wrong });
  return { document, problems: wrong, warnings: notes };
}

interface Findings {
  readonly notes: DefinitionProblem[];
  readonly wrong: DefinitionProblem[];
}

interface Read {
  readonly declaration: PipelineDeclaration | undefined;
  readonly tags: readonly Tag[];
  readonly problems: readonly DefinitionProblem[];
  readonly warnings: readonly DefinitionProblem[];
}

function readEnvelope(json: object): Read {
  const { value, problems, warnings } = read(PipelineEnvelope, json);
  return { declaration: value?.pipeline, tags: value?.tags ?? [], problems, warnings };
}

function readBare(json: unknown): Read {
  const { value, problems, warnings } = read(PipelineDeclaration, json);
  return { declaration: value, tags: [], problems, warnings };
}

/** Members that nobody here knows are left out, and named: CodePipeline grows. */
function read<T>(schema: z.ZodType<T>, json: unknown) {
  const first = schema.safeParse(json);
  if (first.success) return { value: first.data, problems: [], warnings: [] };
  const unknown = first.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
  const warnings = unknown.map((path) => ({
    path: pathText(path),
    message: `"${String(path.at(-1))}" is not known here and has been left out.`,
  }));
  const second = schema.safeParse(without(json, new Set(unknown.map(pathText))));
  if (second.success) return { value: second.data, problems: [], warnings };
  return {
    value: undefined,
    problems: second.error.issues.flatMap((issue) => shapeProblems(issue, json)),
    warnings,
  };
}

function without(value: unknown, paths: ReadonlySet<string>, at: readonly PropertyKey[] = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => without(item, paths, [...at, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !paths.has(pathText([...at, key])))
      .map(([key, member]) => [key, without(member, paths, [...at, key])]),
  );
}

function pipelineDocument(
  pipeline: PipelineDeclaration,
  tags: readonly Tag[],
  at: string,
  findings: Findings,
): DefinitionDocument {
  const { roleArn, pipelineType, version, artifactStore, artifactStores, variables, triggers } = pipeline;
  const blockers = pipeline.stages.flatMap(({ name, blockers: own = [] }) =>
    own.length === 0 ? [] : [[name, own] as const],
  );
  return {
    name: pipeline.name,
    ...optional({ mode: pipeline.executionMode }),
    ...(pipeline.executionMode === 'PARALLEL' ? {} : { onUpdate: 'cancel' as const }),
    ...(tags.length === 0 ? {} : { tags: tagMap(tags, findings) }),
    ...filled({
      variables: variables?.map(({ name, defaultValue, description }) => ({
        name,
        ...optional({ default: defaultValue, description }),
      })),
      triggers: triggers?.map(triggerDocument),
    }),
    stages: pipeline.stages.map((stage, index) => stageDocument(stage, `${at}stages[${index}]`, findings)),
    codepipeline: {
      ...optional({ roleArn, pipelineType, version, artifactStore, artifactStores }),
      ...(blockers.length === 0 ? {} : { blockers: Object.fromEntries(blockers) }),
    },
  };
}

function tagMap(tags: readonly Tag[], { wrong }: Findings): Record<string, string> {
  for (const [index, { key }] of tags.entries()) {
    if (tags.findIndex((other) => other.key === key) === index) continue;
    wrong.push({ path: `tags[${index}].key`, message: `"${key}" is used twice; keys must differ.` });
  }
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

function triggerDocument({ gitConfiguration }: TriggerDeclaration) {
  const { sourceActionName, push, pullRequest } = gitConfiguration;
  return { source: sourceActionName, ...filled({ push, pullRequest }) };
}

function stageDocument(stage: StageDeclaration, at: string, findings: Findings) {
  const entry = stage.beforeEntry?.conditions[0];
  const success = stage.onSuccess?.conditions[0];
  return {
    name: stage.name,
    ...(entry === undefined
      ? {}
      : {
          beforeEntry: {
            rules: ruleDocuments(entry, `${at}.beforeEntry`, findings),
            otherwise: result(entry, ['FAIL', 'SKIP'], 'FAIL', `${at}.beforeEntry`, findings),
          },
        }),
    actions: stage.actions.map((action, index) => actionDocument(action, `${at}.actions[${index}]`, findings)),
    ...(success === undefined
      ? {}
      : {
          onSuccess: {
            rules: ruleDocuments(success, `${at}.onSuccess`, findings),
            otherwise: result(success, ['FAIL', 'ROLLBACK'], 'FAIL', `${at}.onSuccess`, findings),
          },
        }),
    ...(stage.onFailure === undefined ? {} : failureDocument(stage.onFailure, `${at}.onFailure`, findings)),
  };
}

function failureDocument(failure: FailureDeclaration, at: string, findings: Findings) {
  const { result: response, retryConfiguration, conditions: [condition] = [] } = failure;
  const mode = retryConfiguration?.retryMode;
  if (response === 'RETRY' && mode === undefined) {
    const message = 'is missing: FAILED_ACTIONS or ALL_ACTIONS, what is to be tried again.';
    findings.wrong.push({ path: `${at}.retryConfiguration.retryMode`, message });
  }
  if (retryConfiguration !== undefined && response !== 'RETRY') {
    findings.wrong.push({ path: `${at}.result`, message: 'must be RETRY where there is a retryConfiguration.' });
  }
  const onFailure = {
    ...optional({ retry: mode }),
    ...(condition === undefined
      ? {}
      : {
          rules: ruleDocuments(condition, at, findings),
          otherwise: result(condition, ['ROLLBACK', 'RETRY'], 'ROLLBACK', at, findings),
        }),
    ...(response === 'ROLLBACK' ? { result: response } : {}),
  };
  return Object.keys(onFailure).length === 0 ? {} : { onFailure };
}

function result<Result extends string>(
  condition: ConditionDeclaration,
  allowed: readonly Result[],
  otherwise: Result,
  at: string,
  { notes, wrong }: Findings,
): Result {
  const path = `${at}.conditions[0].result`;
  if (condition.result === undefined) {
    notes.push({ path, message: `is missing; ${otherwise} has been taken.` });
    return otherwise;
  }
  const found = allowed.find((one) => one === condition.result);
  if (found === undefined) {
    wrong.push({ path, message: `is "${condition.result}"; here it may be ${allowed.join(' or ')}.` });
  }
  return found ?? otherwise;
}

function ruleDocuments({ rules }: ConditionDeclaration, at: string, findings: Findings): RuleDocument[] {
  return rules.map((rule, index) => ruleDocument(rule, `${at}.conditions[0].rules[${index}]`, findings));
}

function ruleDocument(rule: RuleDeclaration, at: string, findings: Findings): RuleDocument {
  const { region, roleArn } = rule;
  noteMasks(rule.configuration, at, findings);
  return {
    name: rule.name,
    ...typeMember(nameOf(rule.ruleTypeId), rule.commands, 'Rule/Commands'),
    ...filled({
      configuration: rule.configuration,
      commands: rule.commands,
      inputs: rule.inputArtifacts?.map(({ name }) => name),
    }),
    ...optional({ region, roleArn, timeoutMinutes: rule.timeoutInMinutes }),
  };
}

function actionDocument(action: ActionDeclaration, at: string, findings: Findings): ActionDocument {
  const { region, roleArn, namespace } = action;
  const variables = action.environmentVariables ?? [];
  for (const [index, { name }] of variables.entries()) {
    if (variables.findIndex((other) => other.name === name) === index) continue;
    const message = `"${name}" is used twice; names must differ.`;
    findings.wrong.push({ path: `${at}.environmentVariables[${index}].name`, message });
  }
  noteMasks(action.configuration, at, findings);
  const plain = variables.filter(({ type }) => type !== 'SECRETS_MANAGER');
  const secret = variables.filter(({ type }) => type === 'SECRETS_MANAGER');
  return {
    name: action.name,
    ...typeMember(nameOf(action.actionTypeId), action.commands, 'Compute/Commands'),
    ...(action.runOrder === undefined || action.runOrder === 1 ? {} : { runOrder: action.runOrder }),
    ...filled({
      inputs: action.inputArtifacts?.map(({ name }) => name),
      configuration: action.configuration,
      commands: action.commands,
      environment: Object.fromEntries(plain.map(({ name, value }) => [name, value])),
      secrets: Object.fromEntries(secret.map(({ name, value }) => [name, `secretsmanager:${value}`])),
      outputs: action.outputArtifacts?.map(({ name, files = [] }) => (files.length === 0 ? name : { name, files })),
      outputVariables: action.outputVariables,
    }),
    ...optional({ namespace, region, roleArn, timeoutMinutes: action.timeoutInMinutes }),
  };
}

/** `commands` say it already. */
function typeMember(type: string, commands: readonly string[] | undefined, implied: string): { type?: string } {
  return type === implied && commands !== undefined && commands.length > 0 ? {} : { type };
}

function noteMasks(
  configuration: Readonly<Record<string, string>> | undefined,
  at: string,
  { notes }: Findings,
): void {
  for (const [key, value] of Object.entries(configuration ?? {})) {
    if (!/^\*( ?\*){3,}$/.test(value)) continue;
    notes.push({
      path: `${at}.configuration.${key}`,
      message: 'is masked by AWS; write the secret itself here again.',
    });
  }
}

type Optional<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are not there. */
function optional<T extends object>(members: T): Optional<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Optional<T>;
}

/** Without the members that are not there or empty: CodePipeline writes empty lists and maps where nothing is. */
function filled<T extends object>(members: T): Optional<T> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value))) as Optional<T>;
}
