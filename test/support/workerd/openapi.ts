import { call } from './client.ts';

const METHODS = ['get', 'post', 'put', 'delete', 'patch'];

/** What of JSON Schema the document uses where it describes bodies. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly format?: string;
  readonly pattern?: string;
}

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Route {
  /** `METHOD /path/{parameter}`, as `worker/auth/route-permissions.ts` has it. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly pathParams: readonly string[];
  /** With what has to be in it; empty: nothing has to. */
  readonly neededQuery: string;
  /** Those that take any text. */
  readonly textQueries: readonly string[];
  readonly isSocket: boolean;
  /** The smallest JSON body that the document allows; undefined: it takes none. */
  readonly body: unknown;
}

/** Every route that the Worker itself says it has. */
export async function routesOfDocument(): Promise<readonly Route[]> {
  const document = await (
    await call('/api/v1/openapi.json')
  ).json<{
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  }>();
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        pathParams: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name),
        neededQuery: neededQueryOf(operation, document.components.schemas),
        textQueries: queriesOf(operation),
        isSocket: '101' in operation.responses,
        body: bodyOf(operation, document.components.schemas),
      })),
  );
}

function neededQueryOf({ parameters = [] }: Operation, schemas: Readonly<Record<string, Schema>>): string {
  const needed = parameters.filter(({ in: place, required }) => place === 'query' && required === true);
  const query = new URLSearchParams(needed.map(({ name, schema }) => [name, String(sample(schema ?? {}, schemas))]));
  return needed.length === 0 ? '' : `?${query.toString()}`;
}

function queriesOf({ parameters = [] }: Operation): readonly string[] {
  return parameters
    .filter(({ in: place, schema }) => place === 'query' && schema?.type === 'string' && schema.enum === undefined)
    .map(({ name }) => name);
}

function bodyOf({ requestBody }: Operation, schemas: Readonly<Record<string, Schema>>): unknown {
  const schema = requestBody?.content['application/json']?.schema;
  return schema === undefined ? undefined : sample(schema, schemas);
}

function sample(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  if (schema.$ref !== undefined) return sample(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.examples !== undefined) return schema.examples[0];
  const variant = schema.anyOf?.[0] ?? schema.oneOf?.[0] ?? schema.allOf?.[0];
  if (variant !== undefined) return sample(variant, schemas);
  switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {}, schemas)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}, schemas));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return text(schema);
    default:
      return null;
  }
}

function text({ format, pattern, minLength = 0 }: Schema): string {
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  if (format === 'email') return 'nobody@example.com';
  if (pattern?.includes('sha256') === true) return `sha256:${'0'.repeat(64)}`;
  if (pattern?.startsWith('^[0-9a-f') === true) return 'c0ffee00';
  return 'nothing'.padEnd(minLength, '0');
}
