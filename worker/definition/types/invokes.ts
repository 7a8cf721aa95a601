import { z } from 'zod';
import { aws, needs, properties } from './aws.ts';
import { choice, flag, jsonText, matching, number, text } from './properties.ts';
import { type ActionType, DAY, HOUR, LONGEST, none } from './type.ts';

const variableList = jsonText(
  z.array(z.strictObject({ name: z.string().min(1), value: z.string() })),
  'a JSON list of {name, value}',
  'JSON list of {name, value}: variables to start it with.',
);

const own = {
  owner: 'Millrace',
  version: '1',
  runnable: true,
  unknownProperties: 'refused',
  inputs: none,
  outputs: none,
  commands: false,
  environment: false,
} as const;

export const invokes: readonly ActionType[] = [
  {
    ...own,
    key: 'Approval/Manual',
    category: 'Approval',
    owner: 'AWS',
    provider: 'Manual',
    description: 'Waits until a person approves or rejects.',
    carrier: 'person',
    configuration: z.strictObject({
      CustomData: z.string().max(1000).describe('Text for the approver.').optional(),
      ExternalEntityLink: z
        .string()
        .regex(/^(https?:\/\/|#\{)/, 'must be an http or https address')
        .describe('What is to be looked at.')
        .optional(),
      NotificationArn: text('For CodePipeline alone: the SNS topic that is told.').optional(),
    }),
    outputVariables: { known: [], others: 'none' },
    // AWS: 7 days, from 5 to 86,400 minutes (user guide, "Manage approval actions").
    timeoutMs: { default: 7 * DAY, max: LONGEST },
  },
  {
    ...own,
    key: 'Invoke/Delay',
    category: 'Invoke',
    provider: 'Delay',
    description: 'Succeeds after a number of seconds; 0 succeeds at once.',
    carrier: 'worker',
    configuration: z.strictObject({
      Seconds: number({ min: 0, max: 7 * 24 * 3600, unit: 'seconds' }, 'How long.'),
    }),
    outputVariables: { known: [], others: 'none' },
    timeoutMs: { default: 8 * DAY, max: LONGEST },
  },
  {
    ...own,
    key: 'Invoke/Pipeline',
    category: 'Invoke',
    provider: 'Pipeline',
    description: 'Starts another pipeline of this tenant, and waits for its end if wanted.',
    carrier: 'worker',
    configuration: z.strictObject({
      PipelineName: matching(/^[A-Za-z0-9.@\-_]{1,100}$/, 'must be the name of a pipeline', 'The pipeline.'),
      Variables: variableList.optional(),
      Wait: flag('Wait for it, and fail if it does. true if left out.').optional(),
    }),
    outputVariables: { known: ['PipelineExecutionId'], others: 'none' },
    timeoutMs: { default: 7 * DAY, max: LONGEST },
  },
  aws({
    key: 'Invoke/CodePipeline',
    description: 'Starts a pipeline in AWS CodePipeline.',
    configuration: properties({
      PipelineName: text('The pipeline.'),
      SourceRevisions: jsonText(
        z.array(z.record(z.string(), z.unknown())),
        'a JSON list',
        'JSON list of source revisions.',
      ).optional(),
      Variables: variableList.optional(),
    }),
  }),
  aws({
    key: 'Invoke/Lambda',
    description: 'Calls a Lambda function, which reports back.',
    configuration: properties({
      FunctionName: text('The function.'),
      UserParameters: text('Text for the function.').optional(),
    }),
    inputs: { min: 0, max: 5 },
    outputs: { min: 0, max: 5 },
    variables: 'open',
    timeoutMs: 24 * HOUR,
  }),
  aws({
    key: 'Invoke/StepFunctions',
    description: 'Starts a state machine and waits for its end.',
    configuration: needs(
      properties({
        StateMachineArn: text('The state machine.'),
        ExecutionNamePrefix: text('Prefix of the execution’s name.').optional(),
        InputType: choice(['Literal', 'FilePath'], 'Literal if left out.').optional(),
        Input: text('The input, or the file that holds it.').optional(),
      }),
      'Input',
      ({ InputType }) => InputType === 'FilePath',
      'with InputType FilePath',
    ),
    inputs: { min: 0, max: 1 },
    outputs: { min: 0, max: 1 },
    variables: ['StateMachineArn', 'ExecutionArn'],
    timeoutMs: 7 * DAY,
  }),
  aws({
    key: 'Invoke/InspectorScan',
    description: 'Looks for vulnerabilities in source code or an image.',
    configuration: needs(
      properties({
        InspectorRunMode: choice(['SourceCodeScan', 'ECRImageScan'], 'What to look at.'),
        ECRRepositoryName: text('The repository.').optional(),
        ImageTag: text('The tag.').optional(),
        CriticalThreshold: text('More critical findings fail the action.').optional(),
        HighThreshold: text('More high findings fail the action.').optional(),
        MediumThreshold: text('More medium findings fail the action.').optional(),
        LowThreshold: text('More low findings fail the action.').optional(),
      }),
      'ECRRepositoryName',
      ({ InspectorRunMode }) => InspectorRunMode === 'ECRImageScan',
      'to scan an image',
    ),
    inputs: { min: 0, max: 1 },
    outputs: { min: 0, max: 1 },
    variables: ['HighestScannedSeverity'],
  }),
];
