import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exportCodePipeline } from '../../../worker/definition/codepipeline/export.ts';
import { importText } from '../../../worker/definition/codepipeline/import-text.ts';
import { definitionOf } from '../../support/definitions.ts';

const template = readFileSync(new URL('../../fixtures/codepipeline/template.yaml', import.meta.url), 'utf8');
const role = 'arn:aws:iam::111122223333:role/pipeline';
const parameters = {
  Environment: 'production',
  Connection: 'arn:aws:codeconnections:us-east-1:111122223333:connection/x',
  'Role.Arn': role,
  Bucket: 'shop-artifacts',
  'AWS::StackName': 'shop',
};

describe('a CloudFormation template', () => {
  it('becomes a definition when all that it refers to is given', () => {
    const { definition, errors, yaml } = importText(template, { parameters });
    expect(errors).toEqual([]);
    expect(definition).toMatchObject({
      name: 'shop-pipeline',
      mode: 'QUEUED',
      tags: { team: 'shop' },
      variables: [{ name: 'target', default: 'production' }],
      triggers: [{ source: 'Repo', push: [{ branches: { includes: ['main'] } }, { tags: { includes: ['v*'] } }] }],
      codepipeline: { roleArn: role, artifactStores: { 'us-east-1': { location: 'shop-artifacts' } } },
    });
    expect(definition?.stages[0]?.actions[0]).toMatchObject({
      type: 'Source/CodeStarSourceConnection',
      configuration: { FullRepositoryId: 'example-org/shop', BranchName: 'main', DetectChanges: 'false' },
    });
    expect(definition?.stages[1]).toMatchObject({
      onFailure: { retry: 'FAILED_ACTIONS' },
      beforeEntry: { otherwise: 'FAIL' },
    });
    expect(definition?.stages[1]?.actions).toHaveLength(1);
    expect(definition?.stages[1]?.actions[0]).toMatchObject({
      configuration: { ComputeType: 'BUILD_GENERAL1_LARGE', VpcId: 'vpc-1' },
      commands: ['npm ci', 'echo production ${HOME} #{src.CommitId}'],
      outputs: [{ name: 'App', files: ['dist/**'] }],
    });
    expect(definitionOf(yaml ?? '')).toEqual(definition);
    expect(exportCodePipeline(definition!).notCarried).toEqual([]);
  });

  it('follows its conditions', () => {
    const { definition } = importText(template, { parameters: { ...parameters, Environment: 'staging' } });
    expect(definition?.stages[1]?.actions.map(({ name }) => name)).toEqual(['Test', 'Ask']);
    expect(definition?.stages[1]?.actions[1]).toMatchObject({ type: 'Approval/Manual', timeoutMinutes: 60 });
    expect(definition?.stages[1]?.actions[0]?.configuration).toEqual({ ComputeType: 'BUILD_GENERAL1_SMALL' });
  });

  it('names what nobody knows, each with its place, and keeps it readable', () => {
    const known = { Environment: 'production', Bucket: 'shop-artifacts', 'AWS::StackName': 'shop' };
    const { definition, errors, yaml } = importText(template, { parameters: known });
    expect(definition).toBeUndefined();
    expect(errors.slice(0, 2)).toEqual([
      {
        path: 'Resources.Pipeline.Properties.RoleArn',
        message: expect.stringContaining('Give it in parameters, as {"Role.Arn": "…"}'),
      },
      {
        path: 'Resources.Pipeline.Properties.Stages[0].Actions[0].Configuration.ConnectionArn',
        message: expect.stringContaining('"Connection"'),
      },
    ]);
    expect(yaml).toContain('ConnectionArn: ${Connection}');
  });

  it('says what is not part of a definition', () => {
    const { warnings } = importText(template, { parameters });
    expect(warnings.map(({ path }) => path)).toContain('Resources.Pipeline.Properties.RestartExecutionOnUpdate');
  });

  it('may be JSON, in the long form', () => {
    const json = {
      Resources: {
        P: {
          Type: 'AWS::CodePipeline::Pipeline',
          Properties: {
            RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
            ArtifactStore: { Type: 'S3', Location: { Ref: 'Bucket' } },
            Stages: [
              {
                Name: 'Source',
                Actions: [
                  {
                    Name: 'Repo',
                    ActionTypeId: { Category: 'Source', Owner: 'AWS', Provider: 'S3', Version: '1' },
                    Configuration: {
                      S3Bucket: { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] },
                      S3ObjectKey: 'k',
                    },
                    OutputArtifacts: [{ Name: 'Code' }],
                  },
                ],
              },
              {
                Name: 'Approve',
                Actions: [
                  {
                    Name: 'Ask',
                    ActionTypeId: { Category: 'Approval', Owner: 'AWS', Provider: 'Manual', Version: '1' },
                  },
                ],
              },
            ],
          },
        },
      },
    };
    const { definition, warnings, errors } = importText(JSON.stringify(json), { parameters });
    expect(errors).toEqual([]);
    expect(definition?.name).toBe('P');
    expect(definition?.stages[0]?.actions[0]?.configuration['S3Bucket']).toBe('b');
    expect(warnings[0]?.path).toBe('Resources.P.Properties');
  });

  it.each([
    ['no pipeline', 'Resources: { B: { Type: AWS::S3::Bucket } }', /has no AWS::CodePipeline::Pipeline/],
    [
      'several',
      'Resources: { A: { Type: AWS::CodePipeline::Pipeline }, B: { Type: AWS::CodePipeline::Pipeline } }',
      /Known: A, B/,
    ],
    ['anchors', 'Resources: { A: &a { Type: x }, B: *a }', /Anchors/],
    ['no YAML', 'Resources: [', /line 1/],
  ])('is refused with %s', (_, text, message) => {
    const { definition, errors } = importText(text);
    expect(definition).toBeUndefined();
    expect(errors[0]?.message).toMatch(message);
  });

  it('may have several pipelines when one is named', () => {
    const text = 'Resources: { A: { Type: AWS::CodePipeline::Pipeline }, B: { Type: AWS::CodePipeline::Pipeline } }';
    expect(importText(text, { resource: 'C' }).errors[0]?.message).toMatch(/no pipeline "C"/);
    expect(importText(text, { resource: 'A' }).errors.map(({ path }) => path)).toContain('pipeline.stages');
  });

  it('does not compute what it cannot', () => {
    const text = template.replace('!Ref Connection', '!ImportValue shared-connection');
    expect(importText(text, { parameters }).errors[0]).toMatchObject({
      path: 'Resources.Pipeline.Properties.Stages[0].Actions[0].Configuration.ConnectionArn',
      message: expect.stringContaining('Fn::ImportValue cannot be carried out here'),
    });
  });
});
