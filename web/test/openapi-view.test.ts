import { describe, expect, it } from 'vitest';
import { commandExample } from '#lib/features/api-docs/command-example.ts';
import {
  filterGroups,
  operationGroups,
  schemaRows,
  typeName,
  type OpenApiDocument,
} from '#lib/features/api-docs/openapi-view.ts';

const document: OpenApiDocument = {
  info: { title: 'T', version: '1' },
  servers: [{ url: '/api/v1' }],
  tags: [{ name: 'Executions' }, { name: 'Unused' }],
  paths: {
    '/executions/{id}/stop': {
      post: {
        tags: ['Executions'],
        summary: 'Stop it',
        security: [{ token: [] }],
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Stop' } } } },
        responses: { '202': { description: 'It stops.' } },
      },
    },
    '/health': { get: { responses: {} } },
  },
  components: {
    schemas: {
      Stop: {
        type: 'object',
        required: ['reason'],
        properties: { reason: { type: 'string', maxLength: 5 }, abandon: { type: 'boolean', default: false } },
      },
      Tree: {
        type: 'object',
        properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
      },
      Digest: { type: 'string', pattern: '^sha256:' },
    },
  },
};

describe('operationGroups', () => {
  const groups = operationGroups(document);

  it('follows the order of the tags, leaves out empty ones and keeps the untagged', () => {
    expect(groups.map(({ tag }) => tag)).toEqual(['Executions', 'Other']);
  });

  it('gives every operation an address', () => {
    expect(groups[0]?.operations[0]?.anchor).toBe('post-api-v1-executions-id-stop');
  });

  it('are filtered by method, path and words', () => {
    expect(filterGroups(groups, 'post stop').flatMap(({ operations }) => operations)).toHaveLength(1);
    expect(filterGroups(groups, 'nothing like it')).toEqual([]);
  });
});

describe('schemaRows', () => {
  it('list members with what is known of them', () => {
    expect(schemaRows(document, { $ref: '#/components/schemas/Stop' })).toEqual([
      {
        name: 'reason',
        depth: 0,
        type: 'string',
        isRequired: true,
        notes: ['at most 5 characters'],
        description: '',
      },
      { name: 'abandon', depth: 0, type: 'boolean', isRequired: false, notes: ['default false'], description: '' },
    ]);
  });

  it('do not follow a schema into itself', () => {
    const rows = schemaRows(document, { $ref: '#/components/schemas/Tree' });
    expect(rows.map(({ name, type }) => [name, type])).toEqual([['children', 'Tree[]']]);
  });

  it('look through the alternative that is not null', () => {
    const rows = schemaRows(document, { anyOf: [{ $ref: '#/components/schemas/Stop' }, { type: 'null' }] });
    expect(rows).toHaveLength(2);
  });
});

describe('typeName', () => {
  it('names objects and says what plain references are', () => {
    expect(typeName(document, { $ref: '#/components/schemas/Stop' })).toBe('Stop');
    expect(typeName(document, { $ref: '#/components/schemas/Digest' })).toBe('string');
    expect(typeName(document, { type: ['string', 'null'] })).toBe('string | null');
    expect(typeName(document, { type: 'object', additionalProperties: { type: 'string' } })).toBe('map of string');
  });
});

describe('commandExample', () => {
  it('can be pasted', () => {
    const [group] = operationGroups(document);
    const operation = group?.operations[0];
    if (operation === undefined) throw new Error('no operation');
    expect(commandExample(document, operation, 'https://mill.example')).toBe(
      [
        'curl -X POST "https://mill.example/api/v1/executions/$ID/stop"',
        '-H "Authorization: Bearer $MILLRACE_TOKEN"',
        '-H "Content-Type: application/json"',
        `-d '{"reason":"…"}'`,
      ].join(' \\\n  '),
    );
  });

  it('opens a socket where the answer is one, and sends no token where none is asked for', () => {
    const live = { paths: { '/live': { get: { responses: { '101': { description: 'A WebSocket' } } } } } };
    const [group] = operationGroups({ ...document, ...live });
    const operation = group?.operations[0];
    if (operation === undefined) throw new Error('no operation');
    expect(commandExample(document, operation, 'https://mill.example')).toBe(
      'npx wscat -c "wss://mill.example/api/v1/live"',
    );
  });
});
