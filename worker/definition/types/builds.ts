import { z } from 'zod';
import { aws, properties } from './aws.ts';
import { choice, flag, jsonText, number, text } from './properties.ts';
import { type ActionType, type Category, DAY, HOUR, MINUTE, one } from './type.ts';

const commands = (
  category: Category,
  owner: 'Millrace' | 'AWS',
  configuration: z.ZodObject = z.strictObject({}),
): ActionType => ({
  key: `${category}/Commands`,
  category,
  owner,
  provider: 'Commands',
  version: '1',
  description: 'Shell commands on a runner.',
  runnable: true,
  carrier: 'runner',
  configuration,
  unknownProperties: 'refused',
  inputs: { min: 0, max: 10 },
  outputs: { min: 0, max: 10 },
  outputVariables: { known: [], others: 'declared' },
  commands: true,
  environment: true,
  timeoutMs: { default: HOUR, max: 2 * DAY },
  inCodePipeline: { inputs: { min: 1, max: 10 }, outputs: { min: 0, max: 1 } },
});

const environmentVariables = jsonText(
  z.array(
    z.strictObject({
      name: z.string().min(1),
      value: z.string(),
      type: z.enum(['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER']).optional(),
    }),
  ),
  'a JSON list of {name, value, type}',
  'JSON list of {name, value, type: PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER}.',
);

export const codeBuildProperties = {
  ProjectName: text('The CodeBuild project.'),
  PrimarySource: text('The input that holds the buildspec; needed with several inputs.').optional(),
  BatchEnabled: flag('Run as a batch build. false if left out.').optional(),
  CombineArtifacts: flag('One artifact of the whole batch. false if left out.').optional(),
  EnvironmentVariables: environmentVariables.optional(),
};

const codeBuild = (category: Category): ActionType =>
  aws({
    key: `${category}/CodeBuild`,
    description: 'A build in AWS CodeBuild.',
    configuration: properties({
      ...codeBuildProperties,
      BuildspecOverride: text('A buildspec in place of the project’s.').optional(),
    }),
    inputs: { min: 1, max: 5 },
    outputs: { min: 0, max: 5 },
    variables: 'open',
    timeoutMs: 36 * HOUR,
  });

export const builds: readonly ActionType[] = [
  commands('Build', 'Millrace'),
  commands('Test', 'Millrace'),
  commands('Deploy', 'Millrace'),
  commands(
    'Compute',
    'AWS',
    z.strictObject({
      EnvironmentType: choice(
        ['LINUX_CONTAINER', 'WINDOWS_SERVER_2022_CONTAINER'],
        'For CodePipeline alone; here the labels of the runner decide.',
      ).optional(),
      ComputeType: choice(
        ['BUILD_GENERAL1_SMALL', 'BUILD_GENERAL1_MEDIUM', 'BUILD_GENERAL1_LARGE'],
        'For CodePipeline alone; here the labels of the runner decide.',
      ).optional(),
      VpcId: text('For CodePipeline alone.').optional(),
      Subnets: text('For CodePipeline alone.').optional(),
      SecurityGroupIds: text('For CodePipeline alone.').optional(),
    }),
  ),
  codeBuild('Build'),
  codeBuild('Test'),
  aws({
    key: 'Build/ECRBuildAndPublish',
    description: 'Builds an image and puts it into Amazon ECR.',
    configuration: properties({
      ECRRepositoryName: text('The repository.'),
      DockerFilePath: text('Folder of the Dockerfile; the root if left out.').optional(),
      ImageTags: text('Tags, separated by commas; latest if left out.').optional(),
      RegistryType: choice(['private', 'public'], 'private if left out.').optional(),
    }),
    inputs: one,
    variables: ['ECRImageDigestId', 'ECRRepositoryName'],
  }),
  aws({
    key: 'Test/DeviceFarm',
    description: 'Runs an app on the devices of AWS Device Farm.',
    configuration: properties({
      AppType: choice(['iOS', 'Android', 'Web'], 'Kind of app.'),
      ProjectId: text('The Device Farm project.'),
      App: text('The app in the input artifact.'),
      TestType: text('Kind of test, like Appium Java TestNG.'),
      DevicePoolArn: text('The pool of devices.'),
      AppiumVersion: text('Listed by AWS, and ignored.').optional(),
      Test: text('The test in the input artifact.').optional(),
      JobTimeoutMinutes: number({ min: 1, max: 1440, unit: 'minutes' }, 'Longest run on one device.').optional(),
      RadioBluetoothEnabled: flag('Bluetooth.').optional(),
      RadioGpsEnabled: flag('GPS.').optional(),
      RadioNfcEnabled: flag('NFC.').optional(),
      RadioWifiEnabled: flag('Wi-Fi.').optional(),
      RecordAppPerformanceData: flag('Record performance data.').optional(),
      RecordVideo: flag('Record a video.').optional(),
      FuzzEventCount: text('Events of the fuzz test.').optional(),
      FuzzEventThrottle: text('Milliseconds between them.').optional(),
      FuzzRandomizerSeed: text('Seed of the fuzz test.').optional(),
      CustomHostMachineArtifacts: text('Where artifacts of the host lie.').optional(),
      CustomDeviceArtifacts: text('Where artifacts of the device lie.').optional(),
      UnmeteredDevicesOnly: flag('Unmetered devices only.').optional(),
      Latitude: text('Where the device is.').optional(),
      Longitude: text('Where the device is.').optional(),
    }),
    inputs: one,
    timeoutMs: 8 * HOUR,
  }),
];

/** CodePipeline's fixed limit for commands in a condition. User guide, "Stage conditions". */
export const RULE_COMMANDS_MS = 55 * MINUTE;
