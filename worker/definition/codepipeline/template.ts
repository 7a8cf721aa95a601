import type { DefinitionProblem } from '../problem.ts';
import { type Imported, importCodePipeline } from './import.ts';
import { Intrinsics } from './intrinsics.ts';

const PIPELINE = 'AWS::CodePipeline::Pipeline';

export interface TemplateOptions {
  /** Values for what the template refers to: parameters, resources, attributes (`Role.Arn`) and `AWS::Region`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Logical id of the pipeline, where the template has several. */
  readonly resource?: string | undefined;
}

type Members = Readonly<Record<string, unknown>>;

export function isTemplate(value: unknown): value is Members {
  return isMembers(value) && isMembers(value['Resources']);
}

/** Takes a pipeline out of a CloudFormation template. What its functions cannot tell is a problem with its place. */
export function importTemplate(template: Members, { parameters = {}, resource }: TemplateOptions): Imported {
  const resources = members(template['Resources']);
  const ids = Object.keys(resources).filter((id) => members(resources[id])['Type'] === PIPELINE);
  const id = resource ?? (ids.length === 1 ? ids[0] : undefined);
  if (id === undefined || !ids.includes(id)) return notFound(ids, resource);
  const path = ['Resources', id, 'Properties'];
  const intrinsics = new Intrinsics({
    values: { ...defaults(members(template['Parameters'])), ...parameters },
    mappings: members(template['Mappings']),
    conditions: members(template['Conditions']),
  });
  const properties = members(intrinsics.resolve(members(resources[id])['Properties'] ?? {}, path));
  const named = 'Name' in properties ? properties : { Name: id, ...properties };
  const { pipeline, tags } = declarationOf(named);
  const imported = importCodePipeline({ pipeline, tags });
  return {
    document: imported.document,
    problems: [...intrinsics.unresolved, ...imported.problems],
    warnings: [
      ...('Name' in properties
        ? []
        : [{ path: path.join('.'), message: `CloudFormation would make up a name; "${id}" has been taken.` }]),
      ...notTaken(properties, path.join('.')),
      ...imported.warnings,
    ],
  };
}

function notFound(ids: readonly string[], resource: string | undefined): Imported {
  const known = ids.join(', ') || 'none';
  const message =
    resource === undefined
      ? ids.length === 0
        ? `The template has no ${PIPELINE}.`
        : `The template has several pipelines; say which one as resource. Known: ${known}.`
      : `The template has no pipeline "${resource}". Known: ${known}.`;
  return { document: undefined, problems: [{ path: 'Resources', message }], warnings: [] };
}

function defaults(parameters: Members): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, parameter]) => {
      const value = members(parameter)['Default'];
      return typeof value === 'object' || value === undefined
        ? []
        : [[name, `${value as string | number | boolean}`]];
    }),
  );
}

/** Not part of a pipeline's declaration: they tell CloudFormation what to do with it. */
const ORDERS: Readonly<Record<string, string>> = {
  DisableInboundStageTransitions:
    'is not part of a definition; disable the transitions of the pipeline by themselves.',
  RestartExecutionOnUpdate: 'has no counterpart; start the pipeline after saving it.',
};

function notTaken(properties: Members, path: string): readonly DefinitionProblem[] {
  return Object.entries(ORDERS)
    .filter(([name]) => name in properties)
    .map(([name, message]) => ({ path: `${path}.${name}`, message }));
}

/** CloudFormation writes members with a capital, stores as a list, and takes numbers where CodePipeline has text. */
function declarationOf(properties: Members): { readonly pipeline: Members; readonly tags: unknown } {
  const own = Object.fromEntries(Object.entries(properties).filter(([name]) => !(name in ORDERS)));
  const { tags = [], ...pipeline } = members(renamed(own));
  const stores = pipeline['artifactStores'];
  if (!Array.isArray(stores)) return { pipeline, tags };
  const byRegion = stores.map((one) => [String(members(one)['region']), members(one)['artifactStore']]);
  return { pipeline: { ...pipeline, artifactStores: Object.fromEntries(byRegion) }, tags };
}

const NUMBERS = ['runOrder', 'timeoutInMinutes'];

function renamed(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item));
  if (isMembers(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const small = name.charAt(0).toLowerCase() + name.slice(1);
        return [small, small === 'configuration' ? texts(member) : renamed(member, small)];
      }),
    );
  }
  if (NUMBERS.includes(key)) return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** The keys of a configuration are the action type's own. */
function texts(configuration: unknown): unknown {
  if (!isMembers(configuration)) return configuration;
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [
      key,
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ]),
  );
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function members(value: unknown): Members {
  return isMembers(value) ? value : {};
}
