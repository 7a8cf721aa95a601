import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { PipelineDeclaration } from '../../worker/definition/codepipeline/declaration.ts';
import { exportCodePipeline } from '../../worker/definition/codepipeline/export.ts';
import { importCodePipeline } from '../../worker/definition/codepipeline/import.ts';
import { parseDefinition, parseDefinitionText } from '../../worker/definition/parse.ts';
import { globProblem } from '../../worker/engine/glob.ts';

/** Random pipelines as CodePipeline would take them, with every member that it has; fast-check prints the seed of a failure. */

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.@_-]{0,12}$/);
const variable = fc.stringMatching(/^[A-Za-z0-9@_-]{1,12}$/);
const word = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9 :/{}"'$%&@`|>!?,.\\-]{1,20}$/),
  fc.constant('run #{codepipeline.PipelineExecutionId}'),
);
const role = fc.constantFrom('arn:aws:iam::111122223333:role/a', 'arn:aws-cn:iam::111122223333:role/path/b');
const region = fc.constantFrom('us-east-1', 'eu-central-1');
const maybe = <T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(members, { requiredKeys: [] });
const patterns = fc.uniqueArray(
  word.filter((text) => globProblem(text) === undefined),
  { minLength: 1, maxLength: 8 },
);
const filter = fc
  .record({ includes: patterns, excludes: patterns }, { requiredKeys: [] })
  .filter((one) => Object.keys(one).length > 0);

const rule = (at: string, index: number) =>
  fc.oneof(
    fc.record(
      {
        name: fc.constant(`${at}${index}`),
        ruleTypeId: fc.constant({ category: 'Rule', owner: 'AWS', provider: 'VariableCheck', version: '1' }),
        configuration: fc.record({
          Variable: word,
          Operator: fc.constantFrom('EQ', 'NE', 'CONTAINS', 'MATCHES'),
          Value: word,
        }),
        region,
        roleArn: role,
        timeoutInMinutes: fc.integer({ min: 5, max: 86_400 }),
      },
      { requiredKeys: ['name', 'ruleTypeId', 'configuration'] },
    ),
    fc.record(
      {
        name: fc.constant(`${at}${index}`),
        ruleTypeId: fc.constant({ category: 'Rule', owner: 'AWS', provider: 'LambdaInvoke', version: '1' }),
        configuration: fc.record({ FunctionName: word, UserParameters: word }, { requiredKeys: ['FunctionName'] }),
        inputArtifacts: fc.constant([{ name: 'Code' }]),
      },
      { requiredKeys: ['name', 'ruleTypeId', 'configuration'] },
    ),
  );

const condition = (at: string, results: readonly string[]) =>
  fc.integer({ min: 1, max: 5 }).chain((count) =>
    fc.record({
      conditions: fc.tuple(
        fc.record({
          result: fc.constantFrom(...results),
          rules: fc.tuple(...Array.from({ length: count }, (_, index) => rule(at, index))),
        }),
      ),
    }),
  );

const environment = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[A-Z_]{1,8}$/), value: word }), {
  minLength: 1,
  maxLength: 10,
  selector: (one) => one.name,
});

/** PLAINTEXT first: CodePipeline gives the order no meaning, and the readable form has two maps. */
const environmentVariables = fc
  .tuple(environment, fc.nat(10))
  .map(([variables, plain]) =>
    variables.map((one, index) => ({ ...one, type: index < plain ? 'PLAINTEXT' : 'SECRETS_MANAGER' })),
  );

const commands = (at: string) =>
  fc.record(
    {
      name: fc.constant(`Run${at}`),
      actionTypeId: fc.constant({ category: 'Compute', owner: 'AWS', provider: 'Commands', version: '1' }),
      runOrder: fc.integer({ min: 1, max: 999 }),
      namespace: fc.constant(`ns${at}`),
      configuration: fc.constant({ EnvironmentType: 'LINUX_CONTAINER' }),
      commands: fc.array(word, { minLength: 1, maxLength: 4 }),
      environmentVariables,
      inputArtifacts: fc.constant([{ name: 'Code' }]),
      outputArtifacts: fc.constantFrom([{ name: `Out${at}` }], [{ name: `Out${at}`, files: ['dist/**'] }]),
      outputVariables: fc.uniqueArray(fc.stringMatching(/^[A-Z]{1,6}$/), { minLength: 1, maxLength: 15 }),
      region,
      roleArn: role,
    },
    { requiredKeys: ['name', 'actionTypeId', 'runOrder', 'commands', 'inputArtifacts'] },
  );

const custom = (at: string) =>
  fc.record(
    {
      name: fc.constant(`Custom${at}`),
      actionTypeId: fc.record({
        category: fc.constantFrom('Build', 'Test', 'Deploy', 'Invoke'),
        owner: fc.constantFrom('Custom', 'ThirdParty'),
        provider: fc.constantFrom('Scanner', 'S3', 'Commands', 'Jenkins_2'),
        version: fc.constantFrom('1', '2', 'v_1-b'),
      }),
      runOrder: fc.integer({ min: 1, max: 999 }),
      configuration: fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,10}$/), word, { minKeys: 1, maxKeys: 5 }),
      inputArtifacts: fc.constant([{ name: 'Code' }]),
    },
    { requiredKeys: ['name', 'actionTypeId', 'runOrder'] },
  );

const approval = (at: string) =>
  fc.record(
    {
      name: fc.constant(`Approve${at}`),
      actionTypeId: fc.constant({ category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' }),
      runOrder: fc.integer({ min: 1, max: 999 }),
      timeoutInMinutes: fc.integer({ min: 5, max: 86_400 }),
      configuration: fc.record({ CustomData: word }),
    },
    { requiredKeys: ['name', 'actionTypeId', 'runOrder'] },
  );

const failure = (at: string, mode: string) =>
  fc.oneof(
    fc.constantFrom('FAILED_ACTIONS', 'ALL_ACTIONS').map((retryMode) => ({
      result: 'RETRY',
      retryConfiguration: { retryMode },
    })),
    ...(mode === 'PARALLEL' ? [] : [fc.constant({ result: 'ROLLBACK' }), condition(at, ['ROLLBACK'])]),
  );

const stage = (index: number, mode: string) => {
  const at = String(index);
  return fc.record(
    {
      name: fc.constant(`Stage${index}`),
      blockers: fc.constant([{ name: 'reserved', type: 'Schedule' }]),
      beforeEntry: condition('entry', ['FAIL', 'SKIP']),
      actions: fc.tuple(commands(at), custom(at), approval(at)),
      onFailure: failure('failure', mode),
      onSuccess: condition('success', mode === 'PARALLEL' ? ['FAIL'] : ['FAIL', 'ROLLBACK']),
    },
    { requiredKeys: ['name', 'actions'] },
  );
};

const source = {
  name: 'Repo',
  actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' },
  runOrder: 1,
  configuration: { ConnectionArn: 'arn:x', FullRepositoryId: 'a/b', BranchName: 'main' },
  outputArtifacts: [{ name: 'Code' }],
};

const store = fc.record(
  {
    type: fc.constant('S3'),
    location: fc.constantFrom('bucket-one', 'bucket.two'),
    encryptionKey: fc.constant({ id: 'alias/key', type: 'KMS' }),
  },
  { requiredKeys: ['type', 'location'] },
);

const trigger = fc.record(
  {
    push: fc.array(
      fc.oneof(
        fc.record({ tags: filter }),
        fc.record({ branches: filter, filePaths: filter }, { requiredKeys: ['branches'] }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    pullRequest: fc.array(
      fc.record(
        {
          events: fc.uniqueArray(fc.constantFrom('OPEN', 'UPDATED', 'CLOSED'), { minLength: 1 }),
          branches: filter,
          filePaths: filter,
        },
        { requiredKeys: ['branches'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);

const pipeline = fc.constantFrom('SUPERSEDED', 'QUEUED', 'PARALLEL').chain((mode) =>
  fc
    .tuple(
      fc.record({
        name,
        pipelineType: fc.constant('V2'),
        executionMode: fc.constant(mode),
        roleArn: role,
        stages: fc
          .integer({ min: 1, max: 3 })
          .chain((count) =>
            fc
              .tuple(...Array.from({ length: count }, (_, index) => stage(index, mode)))
              .map((stages) => [{ name: 'Source', actions: [source] }, ...stages]),
          ),
      }),
      fc.oneof(
        fc.record({ artifactStore: store }),
        fc.record({ artifactStores: fc.record({ 'us-east-1': store, 'eu-central-1': store }) }),
      ),
      maybe({
        version: fc.integer({ min: 1, max: 1000 }),
        variables: fc.uniqueArray(
          fc.record({ name: variable, defaultValue: word, description: word }, { requiredKeys: ['name'] }),
          { minLength: 1, maxLength: 5, selector: (one) => one.name },
        ),
        triggers: trigger.map((filters) => [
          {
            providerType: 'CodeStarSourceConnection',
            gitConfiguration: { sourceActionName: 'Repo', ...filters },
          },
        ]),
      }),
    )
    .map(([first, second, third]) => plain({ ...first, ...second, ...third }) as PipelineDeclaration),
);

const tags = fc
  .uniqueArray(fc.record({ key: fc.stringMatching(/^[a-z:]{1,10}$/), value: word }), {
    maxLength: 5,
    selector: (one) => one.key,
  })
  .map(plain);

/** As JSON gives it, with ordinary prototypes. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

it('whatever CodePipeline takes comes back from the readable form as it was', () => {
  fc.assert(
    fc.property(pipeline, tags, (declaration, list) => {
      const { document, problems, warnings } = importCodePipeline({ pipeline: declaration, tags: list });
      expect([...problems, ...warnings]).toEqual([]);
      const parsed = parseDefinition(document);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, null, 1));
      const exported = exportCodePipeline(parsed.definition);
      expect(exported.notCarried).toEqual([]);
      expect(exported.pipeline).toStrictEqual(declaration);
      expect(exported.tags).toStrictEqual(list);
    }),
    { numRuns: 150 },
  );
});

it('a definition in CodePipeline’s subset comes back from CodePipeline’s JSON as it was, and from YAML', () => {
  fc.assert(
    fc.property(pipeline, tags, (declaration, list) => {
      const first = parseDefinition(importCodePipeline({ pipeline: declaration, tags: list }).document);
      if (!first.ok) throw new Error(JSON.stringify(first.problems, null, 1));
      const exported = exportCodePipeline(first.definition);
      const { document } = importCodePipeline(JSON.parse(JSON.stringify(exported)));
      expect(parseDefinition(document)).toStrictEqual(first);
      expect(parseDefinitionText(stringify(document))).toStrictEqual(first);
    }),
    { numRuns: 100 },
  );
});
