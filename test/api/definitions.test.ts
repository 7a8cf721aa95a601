import { beforeAll, describe, expect, it } from 'vitest';
import everyMember from '../fixtures/codepipeline/every-member.json';
import { call, TestTenant } from '../support/workerd/client.ts';

const SIMPLE = `
name: simple
stages:
  - name: Build
    actions: [{ name: Unit, commands: [npm test] }]
`;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await TestTenant.create();
});

function bringOver(body: string, contentType = 'application/json'): Promise<Response> {
  return tenant.fetch('/pipelines/import', { method: 'POST', body, headers: { 'content-type': contentType } });
}

describe('a pipeline from CodePipeline', () => {
  it('is imported, saved, and exported as it was', async () => {
    const response = await bringOver(JSON.stringify(everyMember));
    expect(response.status).toBe(200);
    const imported = await response.json<{ valid: boolean; yaml: string; errors: unknown[]; warnings: unknown[] }>();
    expect(imported).toMatchObject({ valid: true, errors: [] });
    expect(imported.warnings.length).toBeGreaterThan(0);

    const saved = await tenant.fetch('/pipelines/storefront-release', {
      method: 'PUT',
      body: imported.yaml,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(saved.status).toBe(201);
    const { warnings } = await saved.json<{ warnings: { path: string }[] }>();
    expect(warnings.map(({ path }) => path)).toContain('stages[0].actions[0].configuration.ConnectionArn');

    expect(await tenant.get('/pipelines/storefront-release/export')).toEqual({ ...everyMember, notCarried: [] });
  });

  it('says what is wrong instead of being refused', async () => {
    const response = await bringOver('{"pipeline": {"name": "p"}}');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      valid: false,
      definition: null,
      yaml: null,
      errors: [{ path: 'pipeline.stages', message: 'is missing.' }],
      warnings: [],
    });
  });

  it('may stand in a template, with values for what it refers to', async () => {
    const document = `
Resources:
  P:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: !Ref Name
      RoleArn: arn:aws:iam::111122223333:role/pipeline
      ArtifactStore: { Type: S3, Location: bucket }
      Stages:
        - Name: Source
          Actions:
            - Name: Repo
              ActionTypeId: { Category: Source, Owner: AWS, Provider: S3, Version: '1' }
              Configuration: { S3Bucket: b, S3ObjectKey: k }
              OutputArtifacts: [{ Name: Code }]
        - Name: Ask
          Actions:
            - Name: SignOff
              ActionTypeId: { Category: Approval, Owner: AWS, Provider: Manual, Version: '1' }
`;
    const given = await bringOver(JSON.stringify({ document, parameters: { Name: 'shop' } }));
    expect(await given.json()).toMatchObject({ valid: true, definition: { name: 'shop' } });
    const open = await bringOver(document, 'application/yaml');
    expect(await open.json()).toMatchObject({
      valid: false,
      errors: [{ path: 'Resources.P.Properties.Name' }, { path: 'name' }],
    });
  });

  it('needs somebody who may ask', async () => {
    expect((await call('/api/v1/pipelines/import', { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

describe('versions of a definition', () => {
  it('are compared', async () => {
    await tenant.save('simple', SIMPLE);
    await tenant.save('simple', SIMPLE.replace('npm test', 'npm run test'));
    await tenant.save('simple', `${SIMPLE.replace('npm test', 'npm run test')}mode: QUEUED\n`);
    expect(await tenant.get('/pipelines/simple/diff')).toMatchObject({
      from: 2,
      to: 3,
      changes: [{ kind: 'changed', path: 'mode', before: 'SUPERSEDED', after: 'QUEUED' }],
    });
    expect(await tenant.get('/pipelines/simple/diff?from=1&to=2')).toMatchObject({
      changes: [{ path: 'stages[0].actions[0].commands', before: ['npm test'], after: ['npm run test'] }],
    });
    expect((await tenant.fetch('/pipelines/simple/diff?to=1')).status).toBe(400);
    expect((await tenant.fetch('/pipelines/simple/diff?to=9')).status).toBe(404);
    expect((await tenant.fetch('/pipelines/nobody/diff')).status).toBe(404);
    expect((await tenant.fetch('/pipelines/nobody/export')).status).toBe(404);
  });
});

describe('what definitions may say', () => {
  it('is listed, with the schema of every configuration', async () => {
    const { items } = await tenant.get<{ items: { type: string; configuration: { required?: string[] } }[] }>(
      '/action-types?category=Rule',
    );
    expect(items.map(({ type }) => type)).toContain('Rule/Soak');
    expect(items.find(({ type }) => type === 'Rule/Soak')?.configuration.required).toEqual(['Minutes']);
    expect((await tenant.fetch('/action-types?category=Moon')).status).toBe(422);
  });

  it('is a JSON Schema that editors get without a token', async () => {
    const response = await call('/api/v1/schemas/pipeline.json');
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({
      $id: expect.stringMatching(/\/api\/v1\/schemas\/pipeline\.json$/),
      required: ['name', 'stages'],
    });
  });

  it('is answered with warnings where it cannot be done here', async () => {
    const body = SIMPLE.replace('commands: [npm test]', 'commands: [x], secrets: { T: "secretsmanager:npm" }');
    const response = await tenant.fetch('/pipelines/validate', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(await response.json()).toMatchObject({
      valid: true,
      warnings: [{ path: 'stages[0].actions[0].secrets.T' }],
    });
  });
});
