import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importCodePipeline } from '../../../worker/definition/codepipeline/import.ts';
import { pipelineJsonSchema } from '../../../worker/definition/json-schema.ts';

const root = new URL('../../../', import.meta.url);
const schema = pipelineJsonSchema('https://millrace.example/api/v1/schemas/pipeline.json');
const ajv = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false });
ajv.addFormat('email', /^.+@.+$/);
const validate = ajv.compile(schema);

function errorsOf(document: unknown): readonly string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

function blocksOf(file: string): readonly { place: string; text: string }[] {
  const markdown = readFileSync(new URL(file, root), 'utf8');
  return [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(({ 1: text = '', index }) => ({
    place: `${file}:${markdown.slice(0, index).split('\n').length}`,
    text,
  }));
}

/** A list shows actions alone. */
function documentOf(text: string): unknown {
  const value: unknown = parse(text);
  return Array.isArray(value) ? { name: 'example', stages: [{ name: 'Example', actions: value }] } : value;
}

function pipeline(action: object): object {
  return { name: 'p', stages: [{ name: 'S', actions: [{ name: 'a', ...action }] }] };
}

describe('the JSON Schema of definitions', () => {
  it.each([...blocksOf('README.md'), ...blocksOf('docs/definition.md')])('takes what $place shows', ({ text }) => {
    expect(errorsOf(documentOf(text))).toEqual([]);
  });

  it('takes the pipeline of the example project', () => {
    expect(errorsOf(parse(readFileSync(new URL('examples/greeter/millrace.yaml', root), 'utf8')))).toEqual([]);
  });

  it('takes what comes from CodePipeline', () => {
    const json: unknown = JSON.parse(
      readFileSync(new URL('test/fixtures/codepipeline/every-member.json', root), 'utf8'),
    );
    expect(errorsOf(JSON.parse(JSON.stringify(importCodePipeline(json).document)))).toEqual([]);
  });

  it('lets a document name it', () => {
    expect(errorsOf({ $schema: 'x', ...pipeline({ commands: ['x'] }) })).toEqual([]);
  });

  it.each([
    ['a misspelt member', pipeline({ comands: ['x'] }), /additional properties/],
    ['a wrong type', pipeline({ commands: 'x' }), /must be array/],
    ['a mode that does not exist', { ...pipeline({ commands: ['x'] }), mode: 'SERIAL' }, /allowed values/],
    [
      'configuration that its type does not have',
      pipeline({ type: 'Approval/Manual', configuration: { Colour: 'red' } }),
      /additional properties/,
    ],
    ['configuration that is missing', pipeline({ type: 'Invoke/Delay' }), /required property 'configuration'/],
    [
      'a property that is missing',
      pipeline({ type: 'Source/S3', configuration: { S3Bucket: 'b' } }),
      /required property 'S3ObjectKey'/,
    ],
  ])('refuses %s', (_, document, message) => {
    expect(errorsOf(document).join('\n')).toMatch(message);
  });

  it('completes the types, of actions and of rules', () => {
    const text = JSON.stringify(schema);
    expect(text).toContain('"examples":["Source/Upload"');
    expect(text).toContain('"examples":["Rule/DeploymentWindow"');
  });
});
