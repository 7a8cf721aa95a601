import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { exportCodePipeline } from '../../../worker/definition/codepipeline/export.ts';
import { importCodePipeline } from '../../../worker/definition/codepipeline/import.ts';
import { parseDefinition, parseDefinitionText } from '../../../worker/definition/parse.ts';
import { definitionOf, problemsOf } from '../../support/definitions.ts';

const fixture = new URL('../../fixtures/codepipeline/every-member.json', import.meta.url);
const everyMember = JSON.parse(readFileSync(fixture, 'utf8')) as { pipeline: object; tags: unknown };

type Path = readonly (string | number)[];

/** What stands at a place of the example. */
function member(path: Path): unknown {
  return path.reduce<unknown>((value, key) => Reflect.get(value as object, key), everyMember.pipeline);
}

/** The example with another value at one place; undefined takes the member away. */
function changed(path: Path, value: unknown): object {
  const pipeline = structuredClone(everyMember.pipeline);
  const parent = path.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key) as object, pipeline);
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
  return pipeline;
}

function imported(json: unknown) {
  const { document, problems, warnings } = importCodePipeline(json);
  expect(problems).toEqual([]);
  const parsed = parseDefinition(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 1));
  return { definition: parsed.definition, document, warnings };
}

describe('CodePipeline’s JSON', () => {
  it('comes back as it was, every member of it', () => {
    const { definition, warnings } = imported(everyMember);
    const { pipeline, tags, notCarried } = exportCodePipeline(definition);
    expect({ pipeline, tags }).toStrictEqual(everyMember);
    expect(warnings).toEqual([]);
    expect(notCarried).toEqual([]);
  });

  it('comes back from the YAML that it becomes', () => {
    const yaml = stringify(imported(everyMember).document);
    const { pipeline, tags } = exportCodePipeline(definitionOf(yaml));
    expect({ pipeline, tags }).toStrictEqual(everyMember);
  });

  it('is as readable as what a person writes', () => {
    const { document } = imported(everyMember);
    expect(document?.stages[0]?.actions[0]).toMatchObject({
      type: 'Source/CodeStarSourceConnection',
      outputs: ['AppCode'],
    });
    expect(document?.stages[1]?.actions[0]).toMatchObject({
      inputs: ['AppCode', 'FixtureZip'],
      environment: { CHANNEL: '#{variables.RELEASE_CHANNEL}' },
      secrets: { NPM_TOKEN: 'secretsmanager:ci/npm:token' },
      outputs: [{ name: 'TestReport', files: ['reports/**', 'coverage.json'] }],
    });
    expect(document?.stages[1]?.actions[0]).not.toHaveProperty('type');
    expect(document?.stages[1]?.actions[3]?.type).toBe('Test/Custom/LicenceScanner@1');
    expect(document?.stages[1]?.beforeEntry).toMatchObject({
      otherwise: 'SKIP',
      rules: [{ type: 'Rule/VariableCheck' }],
    });
    expect(document?.stages[0]?.onFailure).toEqual({ retry: 'ALL_ACTIONS' });
    expect(document).toMatchObject({ mode: 'QUEUED', onUpdate: 'cancel', tags: { team: 'storefront' } });
    expect(Object.keys(document?.codepipeline ?? {})).toEqual([
      'roleArn',
      'pipelineType',
      'artifactStores',
      'blockers',
    ]);
  });

  it('may be what get-pipeline answers', () => {
    const metadata = {
      pipelineArn: 'arn:aws:codepipeline:us-east-1:111122223333:storefront',
      created: 1,
      updated: 2,
    };
    const answer = { pipeline: { ...everyMember.pipeline, version: 7 }, metadata };
    const { definition, warnings } = imported(answer);
    expect(warnings).toEqual([]);
    expect(exportCodePipeline(definition).pipeline).toStrictEqual(answer.pipeline);
  });

  it('may be the declaration alone', () => {
    expect(exportCodePipeline(imported(everyMember.pipeline).definition).pipeline).toStrictEqual(
      everyMember.pipeline,
    );
  });

  it('may write out what is the default anyway', () => {
    const empty = { configuration: {}, inputArtifacts: [], outputArtifacts: [] };
    const stages = (member(['stages']) as readonly { actions: readonly object[] }[]).map((stage) => ({
      ...stage,
      actions: stage.actions.map((action) => ({ ...empty, ...action })),
    }));
    const verbose = { ...everyMember, pipeline: { ...everyMember.pipeline, stages } };
    const { pipeline, tags } = exportCodePipeline(imported(verbose).definition);
    expect({ pipeline, tags }).toStrictEqual(everyMember);
  });

  it('keeps a single artifact store', () => {
    const pipeline = {
      ...changed(['artifactStores'], undefined),
      artifactStore: { type: 'S3', location: 'bucket-of-one' },
    };
    expect(exportCodePipeline(imported({ pipeline }).definition).pipeline).toStrictEqual(pipeline);
  });

  it('says which members it does not know, and does without them', () => {
    const { warnings } = imported({ pipeline: changed(['stages', 0, 'actions', 0, 'colour'], 'red') });
    expect(warnings).toEqual([
      { path: 'pipeline.stages[0].actions[0].colour', message: '"colour" is not known here and has been left out.' },
    ]);
  });

  it('says that a secret is masked', () => {
    const pipeline = changed(['stages', 0, 'actions', 1, 'configuration', 'Password'], '****');
    expect(imported({ pipeline }).warnings).toMatchObject([
      { path: 'pipeline.stages[0].actions[1].configuration.Password' },
    ]);
  });

  it.each([
    ['nothing', null, '', /expected object/],
    ['no pipeline', { pipeline: { name: 'p' } }, 'pipeline.stages', /is missing/],
    ['a number for a name', { name: 5, stages: [] }, 'name', /expected string/],
  ])('is refused when it is %s', (_, json, path, message) => {
    const { document, problems } = importCodePipeline(json);
    expect(document).toBeUndefined();
    expect(problems.find((problem) => problem.path === path)?.message).toMatch(message);
  });

  it.each([
    ['RETRY without a mode', { result: 'RETRY' }, /retryMode/],
    ['a mode without RETRY', { retryConfiguration: { retryMode: 'ALL_ACTIONS' } }, /onFailure\.result/],
    ['a SKIP', { conditions: [{ result: 'SKIP', rules: [] }] }, /conditions\[0\]\.result/],
  ])('is refused with %s after a failure', (_, onFailure, path) => {
    const pipeline = changed(['stages', 1, 'onFailure'], onFailure);
    expect(
      importCodePipeline({ pipeline })
        .problems.map((problem) => problem.path)
        .join(),
    ).toMatch(path);
  });
});

describe('a pipeline from CodePipeline', () => {
  const problemsWith = (path: Path, value: unknown): Record<string, string> => {
    const parsed = parseDefinition(importCodePipeline({ pipeline: changed(path, value) }).document);
    return parsed.ok ? {} : Object.fromEntries(parsed.problems.map((one) => [one.path, one.message]));
  };
  const action = (stage: number, index: number, ...rest: Path): Path => ['stages', stage, 'actions', index, ...rest];
  const lateSource = {
    ...(member(action(0, 1)) as object),
    name: 'More',
    namespace: 'm',
    outputArtifacts: [{ name: 'M' }],
  };
  const git = ['triggers', 0, 'gitConfiguration'];

  it.each([
    ['a single stage', ['stages'], [member(['stages', 0])], 'stages', /at least 2/],
    ['a source later on', action(3, 2), lateSource, 'stages[3].actions[2].type', /first stage alone/],
    ['a build at first', action(0, 2), member(action(3, 1)), 'stages[0].actions[2].type', /nothing but source/],
    ['no role', ['roleArn'], undefined, 'codepipeline.roleArn', /service role/],
    ['no store', ['artifactStores'], undefined, 'codepipeline.artifactStore', /exactly one/],
    ['a Region for a source', action(0, 0, 'region'), 'eu-west-1', 'stages[0].actions[0].region', /Region/],
    [
      'a role for a custom action',
      action(1, 3, 'roleArn'),
      member(['roleArn']),
      'stages[1].actions[3].roleArn',
      /actions of AWS/,
    ],
    ['commands without input', action(1, 0, 'inputArtifacts'), [], 'stages[1].actions[0].inputs', /1 to 10/],
    [
      'a long value',
      action(0, 1, 'configuration', 'S3ObjectKey'),
      'x'.repeat(1001),
      'stages[0].actions[1].configuration.S3ObjectKey',
      /1000/,
    ],
    ['a command of two lines', action(1, 0, 'commands', 0), 'a\nb', 'stages[1].actions[0].commands[0]', /one line/],
    [
      'a skip by other rules',
      ['stages', 2, 'beforeEntry', 'conditions', 0, 'result'],
      'SKIP',
      'stages[2].beforeEntry.rules[0].type',
      /LambdaInvoke/,
    ],
    [
      'retry and rules',
      ['stages', 2, 'onFailure'],
      { ...(member(['stages', 2, 'onFailure']) as object), ...(member(['stages', 0, 'onFailure']) as object) },
      'stages[2].onFailure',
      /not both/,
    ],
    ['files without branches', [...git, 'push', 1, 'branches'], undefined, 'triggers[0].push[1]', /together/],
    [
      'a trigger of another source',
      [...git, 'sourceActionName'],
      'Fixtures',
      'triggers[0].source',
      /CodeStarSourceConnection/,
    ],
    [
      'several inputs without the first among them',
      action(1, 2, 'configuration', 'PrimarySource'),
      undefined,
      'stages[1].actions[2].configuration.PrimarySource',
      /buildspec/,
    ],
    ['variables in V1', ['pipelineType'], 'V1', 'variables', /V2/],
  ] as readonly (readonly [string, Path, unknown, string, RegExp])[])(
    'keeps CodePipeline’s rules: not %s',
    (_, path, value, at, message) => {
      expect(problemsWith(path, value)[at]).toMatch(message);
    },
  );

  it('is free of them when its author says so', () => {
    const pipeline = { ...changed(['triggers'], undefined), stages: [member(['stages', 0])] };
    const { document } = importCodePipeline({ pipeline });
    expect(parseDefinition(document).ok).toBe(false);
    const relaxed = { ...document, codepipeline: { ...document?.codepipeline, strict: false } };
    expect(parseDefinition(relaxed)).toMatchObject({ ok: true });
  });
});

describe('a pipeline of ours', () => {
  const text = `
name: ours
triggers: [{ schedule: { name: nightly, cron: "0 2 * * *" } }]
stages:
  - name: Only
    beforeEntry:
      rules: [{ name: soak, type: Rule/Soak, configuration: { Minutes: 5 } }]
      otherwise: WAIT
    actions:
      - { name: Upload, type: Source/Upload, outputs: [source] }
      - name: Test
        runOrder: 2
        type: Test/Commands
        inputs: [source]
        commands: [npm test]
        secrets: { TOKEN: npm }
        labels: [linux]
        retry: { attempts: 2 }
      - { name: Next, runOrder: 3, type: Invoke/Pipeline, configuration: { PipelineName: docs } }
`;

  it('is exported as far as it goes, and says what is left behind', () => {
    const { pipeline, notCarried } = exportCodePipeline(definitionOf(text));
    expect(notCarried.map(({ path }) => path)).toEqual([
      'onUpdate',
      'triggers[0].schedule',
      'stages[0].beforeEntry.otherwise',
      'stages[0].beforeEntry.rules[0]',
      'stages[0].actions[0].type',
      'stages[0].actions[1].type',
      'stages[0].actions[1].retry',
      'stages[0].actions[1].labels',
      'stages[0].actions[1].secrets.TOKEN',
      'stages[0].actions[2].type',
      'stages[0].actions[2].configuration.Wait',
      'codepipeline.roleArn',
      'codepipeline.artifactStore',
      'stages',
      'stages[0].actions[1].type',
      'stages[0].actions[2].type',
    ]);
    expect(pipeline.stages[0]).not.toHaveProperty('beforeEntry');
    expect(pipeline.stages[0]?.actions.map(({ actionTypeId }) => actionTypeId)).toEqual([
      { category: 'Source', owner: 'Custom', provider: 'Upload', version: '1' },
      { category: 'Compute', owner: 'AWS', provider: 'Commands', version: '1' },
      { category: 'Invoke', owner: 'AWS', provider: 'CodePipeline', version: '1' },
    ]);
    expect(pipeline.stages[0]?.actions[2]?.configuration).toEqual({ PipelineName: 'docs' });
  });

  it('is not held to CodePipeline’s rules', () => {
    expect(problemsOf(text)).toEqual({});
    expect(parseDefinitionText(`${text}codepipeline: {}`).ok).toBe(false);
  });
});
