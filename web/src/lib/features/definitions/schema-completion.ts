import type { YamlContext } from './yaml-context.ts';

/** As much of JSON Schema as the published one uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
}

export interface Proposal {
  readonly label: string;
  readonly kind: 'key' | 'value';
  /** Written behind a key: its value is a mapping, a list, or on the same line. */
  readonly shape: 'mapping' | 'list' | 'scalar';
  readonly detail: string | undefined;
  readonly description: string | undefined;
  readonly isRequired: boolean;
}

/** What could be typed here, by the schema. */
export function proposals(schema: Schema, context: YamlContext): readonly Proposal[] {
  const found = schemasAt(schema, context);
  if (context.key !== undefined) {
    const key = context.key;
    const entries = entriesAt(context, context.path.length);
    return values(found.flatMap((each) => variants(each, entries)).flatMap((each) => propertyOf(each, key)));
  }
  const here = found.flatMap((each) => variants(each, entriesAt(context, context.path.length)));
  const taken = Object.keys(entriesAt(context, context.path.length));
  const keys = merge(here.flatMap((each) => keysOf(each))).filter(({ label }) => !taken.includes(label));
  return keys.length > 0 ? keys : values(here);
}

function schemasAt(schema: Schema, { path, mappings }: YamlContext): readonly Schema[] {
  return path.reduce<readonly Schema[]>(
    (schemas, step, depth) => {
      const entries = mappings.find((mapping) => mapping.depth === depth)?.entries ?? {};
      const open = schemas.flatMap((each) => variants(each, entries));
      return step === '*'
        ? open.flatMap(({ items }) => (items === undefined ? [] : [items]))
        : open.flatMap((each) => propertyOf(each, step));
    },
    [schema],
  );
}

/** The schema and all that it is made of, as far as the conditions of `if` are met by what has been typed. */
function variants(schema: Schema, entries: Readonly<Record<string, string>>): readonly Schema[] {
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  const then = schema.if !== undefined && schema.then !== undefined && isMet(schema.if, entries) ? [schema.then] : [];
  return [schema, ...[...anyOf, ...oneOf, ...allOf, ...then].flatMap((each) => variants(each, entries))];
}

function isMet({ properties = {}, required = [] }: Schema, entries: Readonly<Record<string, string>>): boolean {
  const isThere = required.every((name) => entries[name] !== undefined);
  return (
    isThere &&
    Object.entries(properties).every(([name, { const: wanted, enum: choices }]) => {
      const value = unquoted(entries[name] ?? '');
      if (wanted !== undefined) return value === wanted;
      return choices === undefined || choices.some((choice) => String(choice) === value);
    })
  );
}

function propertyOf({ properties = {}, additionalProperties }: Schema, key: string): readonly Schema[] {
  const own = properties[key];
  if (own !== undefined) return [own];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

function keysOf({ properties = {}, required = [] }: Schema): readonly Proposal[] {
  return Object.entries(properties)
    .filter(([name]) => !name.startsWith('$'))
    .map(([label, schema]) => ({
      label,
      kind: 'key' as const,
      shape: shapeOf(schema),
      detail: detailOf(schema),
      description: schema.description,
      isRequired: required.includes(label),
    }));
}

/** The same key from several variants is proposed once, by the one that says most. */
function merge(keys: readonly Proposal[]): readonly Proposal[] {
  const byLabel = new Map<string, Proposal>();
  for (const key of keys) {
    const known = byLabel.get(key.label);
    byLabel.set(key.label, {
      ...(known ?? key),
      description: known?.description ?? key.description,
      isRequired: key.isRequired || known?.isRequired === true,
    });
  }
  return [...byLabel.values()].sort((one, other) => Number(other.isRequired) - Number(one.isRequired));
}

function values(schemas: readonly Schema[]): readonly Proposal[] {
  const found = schemas
    .flatMap((schema) => variants(schema, {}))
    .flatMap((schema) => {
      const isBoolean = typesOf(schema).includes('boolean') && typesOf(schema).length === 1;
      const choices = [
        ...(schema.const === undefined ? [] : [schema.const]),
        ...(schema.enum ?? []),
        ...(schema.examples ?? []),
        ...(isBoolean ? [true, false] : []),
      ];
      return choices.map((choice) => ({ choice: String(choice), description: schema.description }));
    });
  const unique = new Map(found.map((each) => [each.choice, each]));
  return [...unique.values()].map(({ choice, description }) => ({
    label: choice,
    kind: 'value',
    shape: 'scalar',
    detail: undefined,
    description,
    isRequired: false,
  }));
}

function shapeOf(schema: Schema): Proposal['shape'] {
  const types = variants(schema, {}).flatMap(typesOf);
  if (types.some((type) => type !== 'object' && type !== 'array')) return 'scalar';
  if (types.includes('array')) return 'list';
  return types.includes('object') ? 'mapping' : 'scalar';
}

function detailOf(schema: Schema): string | undefined {
  const types = [...new Set(variants(schema, {}).flatMap(typesOf))];
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ');
  return types.length === 0 || types.length > 2 ? undefined : types.join(' or ');
}

function typesOf({ type }: Schema): readonly string[] {
  return type === undefined ? [] : typeof type === 'string' ? [type] : type;
}

function entriesAt({ mappings }: YamlContext, depth: number): Readonly<Record<string, string>> {
  return mappings.find((mapping) => mapping.depth === depth)?.entries ?? {};
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2');
}
