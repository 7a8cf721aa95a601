import { z } from 'zod';
import { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { type ActionType, actionTypes } from './action-types.ts';

/** A JSON Schema as plain data. Draft 7 is what editors know best. */
export type JsonSchema = { readonly [key: string]: unknown };

/** The schema of definitions as people write them, with the types of the catalogue, so that editors complete and check it. */
export function pipelineJsonSchema(id: string): JsonSchema {
  const root: JsonSchema = z.toJSONSchema(PipelineDefinition, { io: 'input', target: 'draft-7' });
  // Its id makes zod put it among the definitions, behind a reference.
  const definition = (root['definitions'] as JsonSchema | undefined)?.['PipelineDefinition'] ?? root;
  const placed = withTypes(definition, []) as JsonSchema;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: id,
    title: 'Millrace pipeline',
    ...placed,
    properties: { $schema: { type: 'string' }, ...(placed['properties'] as JsonSchema) },
  };
}

export function configurationSchema({ configuration }: ActionType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(configuration, { io: 'input', target: 'draft-7' });
  return schema;
}

/** Finds the schemas of actions and rules, wherever they stand, and adds what their types say. */
function withTypes(schema: unknown, path: readonly string[]): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withTypes(item, path));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, withTypes(value, [...path, key])]);
  const copy = Object.fromEntries(entries) as JsonSchema;
  const [list, items] = path.slice(-2);
  if (items !== 'items' || (list !== 'actions' && list !== 'rules')) return copy;
  return withCatalogue(
    copy,
    actionTypes().filter(({ category }) => (category === 'Rule') === (list === 'rules')),
  );
}

function withCatalogue(schema: JsonSchema, types: readonly ActionType[]): JsonSchema {
  const { type, ...members } = schema['properties'] as JsonSchema;
  const examples = types.map(({ key }) => key);
  return {
    ...schema,
    properties: { ...members, type: { ...(type as JsonSchema), examples } },
    allOf: types.map(forType),
  };
}

/** Values may be written as numbers and booleans, and hold references; so only their names are checked here. */
function forType(type: ActionType): JsonSchema {
  const { properties = {}, required = [], additionalProperties } = configurationSchema(type);
  const members = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(([name, property]) => {
    const { description, examples } = property;
    return [name, { description, ...(examples === undefined ? {} : { examples }) }];
  });
  const needsConfiguration = (required as readonly string[]).length > 0;
  return {
    if: { properties: { type: { const: type.key } }, required: ['type'] },
    then: {
      properties: {
        configuration: {
          properties: Object.fromEntries(members) as JsonSchema,
          ...(needsConfiguration ? { required } : {}),
          ...(additionalProperties === false ? { additionalProperties: false } : {}),
        },
      },
      ...(needsConfiguration ? { required: ['configuration'] } : {}),
    },
  };
}
