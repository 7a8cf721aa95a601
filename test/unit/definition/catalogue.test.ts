import { describe, expect, it } from 'vitest';
import { actionType, actionTypes } from '../../../worker/definition/action-types.ts';
import { configurationSchema } from '../../../worker/definition/json-schema.ts';
import { providerRegistry } from '../../../worker/providers/registry.ts';
import { FakeWorld } from '../../support/provider-world.ts';

describe('the catalogue of types', () => {
  it('calls runnable exactly what something here carries out', () => {
    const runnable = actionTypes().filter((type) => type.runnable && type.carrier !== 'person');
    const carried = [...providerRegistry(new FakeWorld()).keys()];
    expect(runnable.map(({ key }) => key).sort()).toEqual(carried.sort());
  });

  it('knows every type of CodePipeline’s reference', () => {
    const missing = [
      ...['CodeCommit', 'S3', 'ECR', 'CodeStarSourceConnection', 'GitHub'].map((one) => `Source/${one}`),
      ...['Build/CodeBuild', 'Test/CodeBuild', 'Compute/Commands', 'Build/ECRBuildAndPublish', 'Test/DeviceFarm'],
      ...[
        'S3',
        'CodeDeploy',
        'CodeDeployToECS',
        'ECS',
        'ElasticBeanstalk',
        'CloudFormation',
        'CloudFormationStackSet',
      ],
      ...['CloudFormationStackInstances', 'AppConfig', 'ServiceCatalog', 'EC2', 'EKS', 'Lambda', 'OpsWorks'],
    ]
      .map((one) => (one.includes('/') ? one : `Deploy/${one}`))
      .concat(['Lambda', 'StepFunctions', 'CodePipeline', 'InspectorScan'].map((one) => `Invoke/${one}`))
      .concat(['Approval/Manual'])
      .concat(
        ['CloudWatchAlarm', 'CodeBuild', 'Commands', 'DeploymentWindow', 'LambdaInvoke', 'VariableCheck'].map(
          (one) => `Rule/${one}`,
        ),
      )
      .filter((key) => actionType(key) === undefined);
    expect(missing).toEqual([]);
  });

  it.each(actionTypes().map((type) => [type.key, type] as const))('describes %s throughout', (key, type) => {
    expect(key).toBe(`${type.category}/${type.provider}`);
    expect(actionType(`${type.category}/${type.provider}`)).toBe(type);
    expect(type.description).toMatch(/\.$/);
    const { properties = {} } = configurationSchema(type) as {
      properties?: Record<string, { description?: string }>;
    };
    const silent = Object.entries(properties).filter(([, { description = '' }]) => description === '');
    expect(silent.map(([name]) => name)).toEqual([]);
    expect(type.timeoutMs.default).toBeLessThanOrEqual(type.timeoutMs.max);
  });
});
