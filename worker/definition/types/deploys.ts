import { z } from 'zod';
import { aws, needs, properties } from './aws.ts';
import { choice, flag, jsonText, matching, number, text } from './properties.ts';
import { type ActionType, DAY, HOUR, MINUTE, one } from './type.ts';

const percentage = (about: string) => number({ min: 0, max: 100, unit: 'per cent' }, about);
const capabilities = text('Capabilities, separated by commas, like CAPABILITY_NAMED_IAM.');
const fileInArtifact = (about: string) =>
  matching(/^[^:]+::.+$/, 'must be Artifact::file, like Templates::stack.yaml', about);

export const deploys: readonly ActionType[] = [
  aws({
    key: 'Deploy/S3',
    description: 'Puts the input into a bucket.',
    configuration: needs(
      properties({
        BucketName: text('The bucket.'),
        Extract: flag('Unpack the input?'),
        ObjectKey: text('Key of the object; with Extract, the prefix of all keys.').optional(),
        KMSEncryptionKeyARN: text('The key to encrypt with.').optional(),
        CannedACL: text('The access list, like bucket-owner-full-control.').optional(),
        CacheControl: text('The header Cache-Control of the objects.').optional(),
      }),
      'ObjectKey',
      ({ Extract }) => Extract === 'false',
      'where Extract is false',
    ),
    inputs: one,
    timeoutMs: 90 * MINUTE,
  }),
  aws({
    key: 'Deploy/CloudFormation',
    description: 'Creates, updates or deletes a stack, or makes and executes a change set.',
    configuration: needs(
      needs(
        properties({
          ActionMode: choice(
            ['CREATE_UPDATE', 'REPLACE_ON_FAILURE', 'CHANGE_SET_REPLACE', 'CHANGE_SET_EXECUTE', 'DELETE_ONLY'],
            'What to do.',
          ),
          StackName: text('The stack.'),
          ChangeSetName: text('The change set.').optional(),
          RoleArn: text('The role that CloudFormation takes.').optional(),
          TemplatePath: fileInArtifact('The template, as Artifact::file.').optional(),
          TemplateConfiguration: fileInArtifact('The template’s configuration, as Artifact::file.').optional(),
          Capabilities: capabilities.optional(),
          ParameterOverrides: jsonText(
            z.record(z.string(), z.unknown()),
            'a JSON object',
            'JSON object of parameters.',
          ).optional(),
          OutputFileName: text('File in the output artifact for the outputs of the stack.').optional(),
        }),
        'ChangeSetName',
        ({ ActionMode }) => typeof ActionMode === 'string' && ActionMode.startsWith('CHANGE_SET'),
        'for change sets',
      ),
      'TemplatePath',
      ({ ActionMode }) =>
        ActionMode === 'CREATE_UPDATE' || ActionMode === 'REPLACE_ON_FAILURE' || ActionMode === 'CHANGE_SET_REPLACE',
      'to create or update a stack',
    ),
    inputs: { min: 0, max: 10 },
    outputs: { min: 0, max: 1 },
    variables: 'open',
    timeoutMs: 3 * DAY,
  }),
  aws({
    key: 'Deploy/CloudFormationStackSet',
    description: 'Creates or updates a stack set.',
    configuration: properties({
      StackSetName: text('The stack set.'),
      TemplatePath: fileInArtifact('The template, as Artifact::file.'),
      Description: text('What the stack set is.').optional(),
      Parameters: text('Parameters, literally or as Artifact::file.').optional(),
      Capabilities: capabilities.optional(),
      PermissionModel: choice(['SELF_MANAGED', 'SERVICE_MANAGED'], 'SELF_MANAGED if left out.').optional(),
      AdministrationRoleArn: text('The administrator’s role.').optional(),
      ExecutionRoleName: text('The role in the target accounts.').optional(),
      OrganizationsAutoDeployment: choice(
        ['Enabled', 'Disabled', 'EnabledWithStackRetention'],
        'Deploy to new accounts of the organisation.',
      ).optional(),
      DeploymentTargets: text('Accounts or organisational units.').optional(),
      Regions: text('Regions.').optional(),
      FailureTolerancePercentage: percentage('So many may fail.').optional(),
      MaxConcurrentPercentage: percentage('So many at a time.').optional(),
      CallAs: choice(['SELF', 'DELEGATED_ADMIN'], 'On whose behalf.').optional(),
    }),
    inputs: { min: 1, max: 3 },
    variables: ['StackSetId', 'OperationId'],
  }),
  aws({
    key: 'Deploy/CloudFormationStackInstances',
    description: 'Creates or updates instances of a stack set.',
    configuration: properties({
      StackSetName: text('The stack set.'),
      Regions: text('Regions.'),
      DeploymentTargets: text('Accounts or organisational units, literally or as Artifact::file.').optional(),
      ParameterOverrides: text('Parameters, literally or as Artifact::file.').optional(),
      FailureTolerancePercentage: percentage('So many may fail.').optional(),
      MaxConcurrentPercentage: percentage('So many at a time.').optional(),
      CallAs: choice(['SELF', 'DELEGATED_ADMIN'], 'On whose behalf.').optional(),
    }),
    inputs: { min: 0, max: 3 },
    variables: ['StackSetId', 'OperationId'],
  }),
  aws({
    key: 'Deploy/ECS',
    description: 'A rolling update of an ECS service.',
    configuration: properties({
      ClusterName: text('The cluster.'),
      ServiceName: text('The service.'),
      FileName: text('The list of images; imagedefinitions.json if left out.').optional(),
      DeploymentTimeout: number({ min: 1, max: 60, unit: 'minutes' }, 'Longest deployment.').optional(),
    }),
    inputs: one,
  }),
  aws({
    key: 'Deploy/CodeDeployToECS',
    description: 'A blue/green deployment to ECS.',
    configuration: properties({
      ApplicationName: text('The CodeDeploy application.'),
      DeploymentGroupName: text('The deployment group.'),
      TaskDefinitionTemplateArtifact: text('The input with the task definition.'),
      AppSpecTemplateArtifact: text('The input with the AppSpec file.'),
      TaskDefinitionTemplatePath: text('taskdef.json if left out.').optional(),
      AppSpecTemplatePath: text('appspec.yaml if left out.').optional(),
      ...Object.fromEntries(
        [1, 2, 3, 4].flatMap((n) => [
          [`Image${n}ArtifactName`, text('The input with the details of an image.').optional()],
          [`Image${n}ContainerName`, text('Its placeholder in the task definition.').optional()],
        ]),
      ),
    }),
    inputs: { min: 1, max: 5 },
    timeoutMs: 5 * DAY,
  }),
  aws({
    key: 'Deploy/CodeDeploy',
    description: 'A deployment with CodeDeploy.',
    configuration: properties({
      ApplicationName: text('The application.'),
      DeploymentGroupName: text('The deployment group.'),
    }),
    inputs: one,
    timeoutMs: 5 * DAY,
  }),
  aws({
    key: 'Deploy/Lambda',
    description: 'New code for a Lambda function, with a shift of traffic if wanted.',
    configuration: properties({
      FunctionName: text('The function.'),
      FunctionAlias: text('The alias to move.').optional(),
      PublishedTargetVersion: text('The version; needed without an input.').optional(),
      DeployStrategy: matching(
        /^(AllAtOnce|Canary\d+Percent\d+Minutes?|Linear\d+PercentEvery\d+Minutes?)$/,
        'must be like AllAtOnce, Canary10Percent5Minutes or Linear10PercentEvery1Minute',
        'AllAtOnce if left out.',
      ).optional(),
      Alarms: text('Alarms that stop it, at most ten.').optional(),
    }),
    inputs: { min: 0, max: 1 },
    variables: ['FunctionVersion'],
    timeoutMs: 3 * DAY,
  }),
  aws({
    key: 'Deploy/EKS',
    description: 'Helm or kubectl on an EKS cluster.',
    configuration: properties({
      ClusterName: text('The cluster.'),
      HelmReleaseName: text('The Helm release.').optional(),
      HelmChartLocation: text('The chart.').optional(),
      HelmValuesFiles: text('Files of values.').optional(),
      ManifestFiles: text('Manifests, with kubectl.').optional(),
      Namespace: text('The Kubernetes namespace.').optional(),
      Subnets: text('Subnets to work in.').optional(),
      SecurityGroupIds: text('Security groups.').optional(),
    }),
    inputs: one,
    environment: true,
    variables: ['EKSClusterName'],
  }),
  aws({
    key: 'Deploy/EC2',
    description: 'Files and scripts for a fleet of instances.',
    configuration: properties({
      InstanceTagKey: text('Tag of the instances.'),
      InstanceTagValue: text('Its value.').optional(),
      InstanceType: choice(['EC2', 'SSM_MANAGED_NODE'], 'Kind of instances.'),
      DeploySpec: text('The YAML file that says what to do.').optional(),
      TargetDirectory: text('Where the files go.').optional(),
      PreScript: text('Runs before.').optional(),
      PostScript: text('Runs after.').optional(),
      MaxBatch: text('So many at a time, as count or percentage.').optional(),
      MaxError: text('So many may fail, as count or percentage.').optional(),
      TargetGroupNameList: text('Target groups of the load balancer.').optional(),
    }),
    inputs: one,
  }),
  aws({
    key: 'Deploy/ElasticBeanstalk',
    description: 'A new version of an Elastic Beanstalk environment.',
    configuration: properties({
      ApplicationName: text('The application.'),
      EnvironmentName: text('The environment.'),
    }),
    inputs: one,
  }),
  aws({
    key: 'Deploy/AppConfig',
    description: 'A deployment of a configuration with AWS AppConfig.',
    configuration: properties({
      Application: text('The application.'),
      Environment: text('The environment.'),
      ConfigurationProfile: text('The profile.'),
      InputArtifactConfigurationPath: text('The file in the input.'),
      DeploymentStrategy: text('The strategy.').optional(),
    }),
    inputs: one,
  }),
  aws({
    key: 'Deploy/ServiceCatalog',
    description: 'A new version of a product in the Service Catalog.',
    configuration: properties({
      ProductId: text('The product.'),
      TemplateFilePath: text('The template.').optional(),
      ProductVersionName: text('Name of the version.').optional(),
      ProductType: choice(['CLOUD_FORMATION_TEMPLATE'], 'Kind of product.').optional(),
      ProductVersionDescription: text('What is new.').optional(),
      ConfigurationFilePath: text('A file that says all this.').optional(),
    }),
    inputs: one,
  }),
  aws({
    key: 'Deploy/OpsWorks',
    description: 'OpsWorks Stacks, which AWS has discontinued.',
    configuration: properties({
      Stack: text('The stack.'),
      App: text('The app.'),
      Layer: text('The layer.').optional(),
    }),
    inputs: one,
  }),
  aws({
    key: 'Deploy/AlexaSkillsKit',
    description: 'An Alexa skill.',
    owner: 'ThirdParty',
    configuration: properties({
      ClientId: text('The client.'),
      ClientSecret: text('Its secret; AWS shows it masked.'),
      RefreshToken: text('The token; AWS shows it masked.'),
      SkillId: text('The skill.'),
    }),
    inputs: { min: 1, max: 2 },
    timeoutMs: HOUR,
  }),
];
