import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SaveFreeze } from '../../contract/freezes.ts';
import { CodePipelineMembers } from '../../contract/codepipeline.ts';
import { BeforeEntry, RuleDefinition } from '../../contract/pipeline-conditions.ts';
import { ActionDefinition, PipelineDefinition, StageDefinition } from '../../contract/pipeline-definition.ts';
import { RetryPolicy } from '../../contract/pipeline-retry.ts';
import { PullRequestFilter, PushFilter, Schedule, TriggerDefinition } from '../../contract/pipeline-triggers.ts';
import { actionTypes } from '../../worker/definition/action-types.ts';
import { compile } from '../../worker/definition/compile.ts';
import { type Parsed, parseDefinition, parseDefinitionText } from '../../worker/definition/parse.ts';

/** What the documentation shows is run, so that it stays true. */

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Block {
  readonly place: string;
  /** The whole info string: `yaml`, or `yaml wrong` for one that shows an error. */
  readonly info: string;
  readonly text: string;
}

describe.each(['README.md', 'docs/definition.md', 'docs/freezes.md', 'docs/triggers.md'])('%s', (file) => {
  const blocks = blocksOf(file);
  const examples = blocks.filter(({ info }) => info === 'yaml');

  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('$place is a definition without problems', ({ text }) => {
    const parsed = parseExample(text);
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    if (parsed.ok) expect(compile(parsed.definition).stages.length).toBeGreaterThan(0);
  });

  it.each(blocks.flatMap((block, index) => (block.info === 'yaml wrong' ? [{ ...block, index }] : [])))(
    '$place gets the problems that stand below it',
    ({ text, index }) => {
      const parsed = parseDefinitionText(text);
      const problems = parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
      const said = blocks[index + 1];
      expect(said?.info).toBe('text');
      expect(problems).toEqual(said?.text.trimEnd().split('\n'));
    },
  );
});

it('docs/freezes.md shows an entry that can be saved', () => {
  const entries = blocksOf('docs/freezes.md').filter(({ info }) => info === 'json');
  expect(entries.map(({ text }) => SaveFreeze.safeParse(JSON.parse(text)).error)).toEqual([undefined]);
});

it('docs/definition.md names every action type', () => {
  const text = readFileSync(join(root, 'docs/definition.md'), 'utf8');
  expect(actionTypes().filter(({ key }) => !text.includes(`\`${key}\``))).toEqual([]);
});

it('docs/definition.md names every member and every property of configuration', () => {
  const text = readFileSync(join(root, 'docs/definition.md'), 'utf8');
  const schemas = [
    ...[PipelineDefinition, StageDefinition, ActionDefinition, RuleDefinition, BeforeEntry, RetryPolicy],
    ...[TriggerDefinition, PushFilter, PullRequestFilter, Schedule, CodePipelineMembers],
    // Those of CodePipeline are CodePipeline's to document.
    ...actionTypes().flatMap((type) => (type.owner === 'Millrace' ? [type.configuration] : [])),
  ];
  const members = schemas.flatMap((schema) => Object.keys(schema.shape));
  expect(members.filter((member) => !text.includes(`\`${member}`))).toEqual([]);
});

it('no page links to a file that is not there', () => {
  const pages = ['README.md', 'worker/engine/README.md', ...markdownIn('docs')];
  const dead = pages.flatMap((page) =>
    linksIn(page)
      .map((link) => join(dirname(page), link))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});

/** A list shows actions alone: it stands for a stage behind one that puts out `source`. */
function parseExample(text: string): Parsed {
  const value: unknown = parse(text);
  if (!Array.isArray(value)) return parseDefinitionText(text);
  const checkout = { name: 'Checkout', type: 'Source/Upload', outputs: ['source'] };
  return parseDefinition({
    name: 'example',
    stages: [
      { name: 'Source', actions: [checkout] },
      { name: 'Example', actions: value },
    ],
  });
}

function blocksOf(file: string): readonly Block[] {
  const markdown = readFileSync(join(root, file), 'utf8');
  return [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(({ 1: info = '', 2: text = '', index }) => ({
    place: `the block in line ${markdown.slice(0, index).split('\n').length}`,
    info,
    text,
  }));
}

function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

/** Relative ones, without what comes after a `#`. */
function linksIn(page: string): readonly string[] {
  const markdown = readFileSync(join(root, page), 'utf8');
  const links = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.split('#')[0] ?? '');
  return links.filter((link) => link !== '' && !/^[a-z]+:/.test(link));
}
