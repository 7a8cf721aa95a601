/** The parts of an OpenAPI 3.1 document that this page reads. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, PathItem>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

type PathItem = Readonly<Record<string, unknown>>;

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

interface RawOperation {
  readonly summary?: string;
  readonly description?: string;
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content?: Readonly<Record<string, { schema?: Schema }>>;
  };
  readonly responses?: Readonly<Record<string, RawResponse>>;
}

interface RawResponse {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { schema?: Schema }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

export interface Operation {
  /** For the address: `#post-executions-id-stop`. */
  readonly anchor: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly needsToken: boolean;
  /** It answers with a WebSocket. */
  readonly isSocket: boolean;
  /** One body in one of several types; the schema is that of the first. */
  readonly request: { readonly types: readonly string[]; readonly schema: Schema } | undefined;
  readonly responses: readonly {
    readonly status: string;
    readonly description: string;
    readonly type: string | undefined;
    readonly schema: Schema | undefined;
  }[];
}

export interface OperationGroup {
  readonly tag: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function operationGroups(document: OpenApiDocument): readonly OperationGroup[] {
  const base = document.servers?.[0]?.url.replace(/\/$/, '') ?? '';
  const all = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const raw = item[method] as RawOperation | undefined;
      return raw === undefined
        ? []
        : [{ tag: raw.tags?.[0] ?? 'Other', operation: toOperation(method, base + path, item, raw) }];
    }),
  );
  const known = (document.tags ?? []).map(({ name }) => name);
  const tags = [...new Set([...known, ...all.map(({ tag }) => tag)])];
  return tags
    .map((tag) => ({
      tag,
      description: document.tags?.find(({ name }) => name === tag)?.description ?? '',
      operations: all.filter((each) => each.tag === tag).map(({ operation }) => operation),
    }))
    .filter(({ operations }) => operations.length > 0);
}

export function filterGroups(groups: readonly OperationGroup[], filter: string): readonly OperationGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups;
  return groups
    .map((group) => ({
      ...group,
      operations: group.operations.filter(({ method, path, summary, description }) => {
        const text = `${group.tag} ${method} ${path} ${summary} ${description}`.toLowerCase();
        return words.every((word) => text.includes(word));
      }),
    }))
    .filter(({ operations }) => operations.length > 0);
}

function toOperation(method: string, path: string, item: PathItem, raw: RawOperation): Operation {
  const shared = (item['parameters'] as readonly Parameter[] | undefined) ?? [];
  const content = raw.requestBody?.content ?? {};
  const schema = Object.values(content)[0]?.schema;
  return {
    anchor: `${method}${path}`
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/-$/, ''),
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? raw.operationId ?? '',
    description: raw.description ?? '',
    parameters: [...shared, ...(raw.parameters ?? [])],
    needsToken: (raw.security ?? []).length > 0,
    isSocket: raw.responses?.['101'] !== undefined,
    request: schema === undefined ? undefined : { types: Object.keys(content), schema },
    responses: Object.entries(raw.responses ?? {}).map(([status, response]) => {
      const [type, body] = Object.entries(response.content ?? {})[0] ?? [];
      return { status, description: response.description ?? '', type, schema: body?.schema };
    }),
  };
}

export interface SchemaRow {
  readonly name: string;
  readonly depth: number;
  readonly type: string;
  readonly isRequired: boolean;
  readonly notes: readonly string[];
  readonly description: string;
}

const DEPTH_MAX = 6;

export function parameterRows(document: OpenApiDocument, parameters: readonly Parameter[]): readonly SchemaRow[] {
  return parameters.map(({ name, in: place, required, description, schema = { type: 'string' } }) => ({
    name,
    depth: 0,
    type: typeName(document, schema),
    isRequired: required === true,
    notes: [`in ${place}`, ...notes(resolve(document, schema))],
    description: description ?? schema.description ?? '',
  }));
}

/** A schema as lines of a table, members of members indented below them. A schema inside itself is named, not repeated. */
export function schemaRows(document: OpenApiDocument, schema: Schema): readonly SchemaRow[] {
  return memberRows(document, schema, 0, []);
}

export function typeName(document: OpenApiDocument, schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    return [...new Set(alternatives.map((each) => typeName(document, each)))].join(' | ');
  }
  if (schema.$ref !== undefined) {
    const target = resolve(document, schema);
    return target.properties === undefined && target.oneOf === undefined
      ? typeName(document, target)
      : refName(schema);
  }
  if (schema.items !== undefined) return `${typeName(document, schema.items)}[]`;
  if (
    schema.additionalProperties !== undefined &&
    typeof schema.additionalProperties === 'object' &&
    !schema.properties
  ) {
    return `map of ${typeName(document, schema.additionalProperties)}`;
  }
  if (typeof schema.type === 'string') return schema.type;
  if (schema.type !== undefined) return schema.type.join(' | ');
  return schema.enum === undefined ? (schema.properties === undefined ? 'any' : 'object') : 'string';
}

function memberRows(document: OpenApiDocument, schema: Schema, depth: number, seen: readonly string[]): SchemaRow[] {
  if (depth > DEPTH_MAX) return [];
  const { object, path } = unwrap(document, schema, seen);
  if (object === undefined) return [];
  return membersOf(document, object).flatMap(([name, member, isRequired]) => {
    const row = {
      name,
      depth,
      type: typeName(document, member),
      isRequired,
      notes: notes(resolve(document, member)),
      description: member.description ?? resolve(document, member).description ?? '',
    };
    return [row, ...memberRows(document, member, depth + 1, path)];
  });
}

function membersOf(document: OpenApiDocument, object: Schema): readonly (readonly [string, Schema, boolean])[] {
  const parts = [object, ...(object.allOf ?? []).map((part) => resolve(document, part))];
  return parts.flatMap((part) =>
    Object.entries(part.properties ?? {}).map(
      ([name, member]) => [name, member, part.required?.includes(name) ?? false] as const,
    ),
  );
}

/** Through references, arrays, maps and the one alternative that is not null, to the object whose members are worth listing. */
function unwrap(
  document: OpenApiDocument,
  schema: Schema,
  seen: readonly string[],
): { readonly object: Schema | undefined; readonly path: readonly string[] } {
  if (schema.$ref !== undefined) {
    const name = refName(schema);
    if (seen.includes(name)) return { object: undefined, path: seen };
    return unwrap(document, resolve(document, schema), [...seen, name]);
  }
  if (schema.properties !== undefined || schema.allOf !== undefined) return { object: schema, path: seen };
  if (schema.items !== undefined) return unwrap(document, schema.items, seen);
  if (typeof schema.additionalProperties === 'object') return unwrap(document, schema.additionalProperties, seen);
  const real = (schema.anyOf ?? schema.oneOf ?? []).filter(({ type }) => type !== 'null');
  const [only] = real;
  return real.length === 1 && only !== undefined ? unwrap(document, only, seen) : { object: undefined, path: seen };
}

function notes(schema: Schema): readonly string[] {
  const found: string[] = [];
  if (schema.enum !== undefined) found.push(`one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`);
  if (schema.default !== undefined) found.push(`default ${JSON.stringify(schema.default)}`);
  if (schema.format !== undefined) found.push(schema.format);
  if (schema.pattern !== undefined) found.push(`matches ${schema.pattern}`);
  bounds(found, 'characters', schema.minLength, schema.maxLength);
  bounds(found, 'items', schema.minItems, schema.maxItems);
  bounds(found, '', schema.minimum, schema.maximum);
  return found;
}

function bounds(found: string[], unit: string, min: number | undefined, max: number | undefined): void {
  const isOpen = max === undefined || max >= Number.MAX_SAFE_INTEGER;
  const isFloor = min === undefined || min <= Number.MIN_SAFE_INTEGER;
  if (isOpen && isFloor) return;
  if (isOpen) found.push(`at least ${min} ${unit}`.trim());
  else if (isFloor) found.push(`at most ${max} ${unit}`.trim());
  else found.push(`${min} to ${max} ${unit}`.trim());
}

function resolve(document: OpenApiDocument, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return document.components?.schemas?.[refName(schema)] ?? {};
}

function refName({ $ref = '' }: Schema): string {
  return $ref.split('/').at(-1) ?? '';
}
