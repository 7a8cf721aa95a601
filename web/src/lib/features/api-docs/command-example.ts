import type { OpenApiDocument, Operation, Schema } from './openapi-view.ts';

/** A command that can be pasted: path parameters as shell variables, a body of required members. */
export function commandExample(document: OpenApiDocument, operation: Operation, origin: string): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => `$${shellName(name)}`);
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required === true)
    .map(({ name }) => `${name}=$${shellName(name)}`);
  const url = `${origin}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const token = operation.needsToken ? ['-H "Authorization: Bearer $MILLRACE_TOKEN"'] : [];
  const lines = operation.isSocket
    ? [`npx wscat -c "${url.replace(/^http/, 'ws')}"`, ...token]
    : [
        `curl${operation.method === 'GET' ? '' : ` -X ${operation.method}`} "${url}"`,
        ...token,
        ...body(document, operation),
      ];
  return lines.join(' \\\n  ');
}

function body(document: OpenApiDocument, { request }: Operation): readonly string[] {
  if (request === undefined) return [];
  // Where a person may write YAML, that is what a person will send.
  const type = request.types.find((each) => each.includes('yaml')) ?? request.types[0] ?? '';
  const header = `-H "Content-Type: ${type}"`;
  if (!type.includes('json')) return [header, `--data-binary @${type.includes('yaml') ? 'millrace.yaml' : 'file'}`];
  const text = JSON.stringify(exampleOf(document, request.schema, 0));
  return [header, `-d '${text.replaceAll("'", String.raw`'\''`)}'`];
}

const DEPTH_MAX = 4;

/** The smallest thing that fits: required members only, the first of several values. */
function exampleOf(document: OpenApiDocument, schema: Schema, depth: number): unknown {
  if (schema.$ref !== undefined) {
    const target = document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''];
    return depth > DEPTH_MAX || target === undefined ? {} : exampleOf(document, target, depth + 1);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const [first] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (first !== undefined) return exampleOf(document, first, depth + 1);
  if (schema.properties !== undefined) {
    const members = Object.entries(schema.properties).filter(([name]) => schema.required?.includes(name) === true);
    return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(document, member, depth + 1)]));
  }
  return scalarExample(document, schema, depth);
}

function scalarExample(document: OpenApiDocument, schema: Schema, depth: number): unknown {
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'integer':
    case 'number':
      return schema.minimum !== undefined && schema.minimum > 0 ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'array':
      return schema.items === undefined || (schema.minItems ?? 0) === 0
        ? []
        : [exampleOf(document, schema.items, depth + 1)];
    case 'object':
      return {};
    case 'null':
      return null;
    default:
      return schema.pattern?.startsWith('^sha256:') === true ? `sha256:${'0'.repeat(64)}` : '…';
  }
}

function shellName(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
}
