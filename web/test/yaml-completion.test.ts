import { yamlLanguage } from '@codemirror/lang-yaml';
import { describe, expect, it } from 'vitest';
import { locate, pathSteps, spanInMessage } from '#lib/features/definitions/locate.ts';
import { proposals, type Schema } from '#lib/features/definitions/schema-completion.ts';
import { yamlContext } from '#lib/features/definitions/yaml-context.ts';

/** The cursor stands at the bar. */
function context(text: string) {
  return yamlContext(text.replace('|', ''), text.indexOf('|'));
}

const action: Schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    type: { type: 'string', examples: ['Approval/Manual', 'Deploy/S3'] },
    configuration: { type: 'object', additionalProperties: { type: 'string' } },
  },
  allOf: [
    {
      if: { properties: { type: { const: 'Deploy/S3' } }, required: ['type'] },
      then: { properties: { configuration: { properties: { BucketName: { type: 'string' } } } } },
    },
  ],
};
const schema: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    mode: { type: 'string', enum: ['SUPERSEDED', 'QUEUED'] },
    stages: {
      type: 'array',
      items: { type: 'object', properties: { name: {}, actions: { type: 'array', items: action } } },
    },
  },
};
const labels = (text: string) => proposals(schema, context(text)).map(({ label }) => label);

describe('yamlContext', () => {
  it('knows the way to where somebody types', () => {
    expect(context('stages:\n  - name: A\n    actions:\n      - na|').path).toEqual(['stages', '*', 'actions', '*']);
    expect(context('stages:\n- name: A\n  |').path).toEqual(['stages', '*']);
  });

  it('tells a value from a key', () => {
    expect(context('mode: QU|')).toMatchObject({ key: 'mode', typed: 'QU', path: [] });
    expect(context('mo|')).toMatchObject({ key: undefined, typed: 'mo' });
  });

  it('sees into brackets', () => {
    const at = context('stages:\n  - name: A\n    actions:\n      - { name: x, ty|');
    expect(at).toMatchObject({ path: ['stages', '*', 'actions', '*'], key: undefined, typed: 'ty' });
    expect(context('stages: [{ name: a, actions: [{ type: De|').path).toEqual(['stages', '*', 'actions', '*']);
  });
});

describe('proposals', () => {
  it('are the keys that are not there yet, the required ones first', () => {
    expect(labels('name: x\n|\n')).toEqual(['mode', 'stages']);
    expect(labels('stages:\n  - actions:\n      - |')).toEqual(['name', 'type', 'configuration']);
    expect(labels('stages:\n  - actions:\n      - name: x\n        |\n        type: Deploy/S3')).toEqual([
      'configuration',
    ]);
  });

  it('are the values of a key', () => {
    expect(labels('mode: |')).toEqual(['SUPERSEDED', 'QUEUED']);
    expect(labels('stages:\n  - actions:\n      - { name: x, type: |')).toEqual(['Approval/Manual', 'Deploy/S3']);
  });

  it('depend on the type of the action', () => {
    const text = (type: string) =>
      `stages:\n  - actions:\n      - type: ${type}\n        configuration:\n          |`;
    expect(labels(text('Deploy/S3'))).toEqual(['BucketName']);
    expect(labels(text('Approval/Manual'))).toEqual([]);
  });
});

describe('locate', () => {
  const text = 'name: x\nstages:\n  - name: A\n    actions:\n      - { name: one, type: T }\n      - name: two\n';
  const found = (path: string) => {
    const { from, to } = locate(yamlLanguage.parser.parse(text), text, path);
    return text.slice(from, to);
  };

  it('finds the key that a place means', () => {
    expect(found('stages[0].name')).toBe('name');
    expect(found('stages[0].actions[0].type')).toBe('type');
    expect(locate(yamlLanguage.parser.parse(text), text, 'stages[0].actions[1].name').from).toBe(
      text.lastIndexOf('name'),
    );
  });

  it('finds an item of a list', () => {
    expect(found('stages[0].actions[1]')).toBe('name: two');
  });

  it('stays with what is nearest when the place is not there', () => {
    expect(found('stages[0].actions[1].commands[0]')).toBe('name: two');
    expect(found('')).toBe('name: x');
  });

  it('finds the line that a message names', () => {
    const span = spanInMessage('a: 1\n- b\n', 'A sequence may not stand here at line 2, column 1:');
    expect(span).toEqual({ from: 5, to: 8 });
    expect(spanInMessage('a: 1', 'No line is named.')).toBeUndefined();
  });

  it('reads every way of writing a place', () => {
    expect(pathSteps('stages[2].environment["A.B"].x')).toEqual(['stages', 2, 'environment', 'A.B', 'x']);
  });
});
