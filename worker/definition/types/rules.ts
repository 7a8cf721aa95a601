import { z } from 'zod';
import { cronProblem, isTimeZone } from '../time.ts';
import { aws, properties } from './aws.ts';
import { codeBuildProperties, RULE_COMMANDS_MS } from './builds.ts';
import { choice, matching, number, text } from './properties.ts';
import { type ActionType, HOUR, LONGEST, MINUTE, none } from './type.ts';

const own = {
  category: 'Rule',
  version: '1',
  runnable: true,
  carrier: 'worker',
  unknownProperties: 'refused',
  inputs: none,
  outputs: none,
  outputVariables: { known: [], others: 'none' },
  commands: false,
  environment: false,
  timeoutMs: { default: 10 * MINUTE, max: LONGEST },
} as const;

const cron = z
  .string()
  .superRefine((value, context) => {
    const problem = value.includes('#{') ? undefined : cronProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description: 'Quartz: second minute hour day-of-month month day-of-week [year].',
    examples: ['0 * 8-17 ? * MON-FRI *'],
  });

const timeZone = z
  .string()
  .refine((value) => value.includes('#{') || isTimeZone(value), {
    error: 'must be a time zone, like Europe/Berlin, UTC+02:00 or CET',
  })
  .meta({ description: 'UTC if left out.', examples: ['Europe/Berlin', 'UTC+02:00'] });

export const rules: readonly ActionType[] = [
  {
    ...own,
    key: 'Rule/DeploymentWindow',
    owner: 'AWS',
    provider: 'DeploymentWindow',
    description: 'Succeeds while the time fits an expression.',
    configuration: z.strictObject({ Cron: cron, TimeZone: timeZone.optional() }),
  },
  {
    ...own,
    key: 'Rule/VariableCheck',
    owner: 'AWS',
    provider: 'VariableCheck',
    description: 'Compares a variable with a value, as texts.',
    configuration: z.strictObject({
      Variable: text('What to look at, like #{variables.target}.'),
      Operator: choice(
        ['EQ', 'NE', 'CONTAINS', 'MATCHES'],
        'Is it the value, is it not, does it hold it, or does the regular expression fit all of it?',
      ),
      Value: z.string().describe('The value to compare with.'),
    }),
  },
  {
    ...own,
    key: 'Rule/Commands',
    owner: 'AWS',
    provider: 'Commands',
    description: 'Shell commands on a runner; succeeds when they do.',
    carrier: 'runner',
    configuration: z.strictObject({}),
    inputs: { min: 0, max: 10 },
    commands: true,
    environment: true,
    timeoutMs: { default: RULE_COMMANDS_MS, max: 48 * HOUR },
  },
  {
    ...own,
    key: 'Rule/HttpCheck',
    owner: 'Millrace',
    provider: 'HttpCheck',
    description: 'Asks an address, and succeeds when the answer is as expected.',
    configuration: z
      .strictObject({
        Url: matching(/^https?:\/\/./, 'must be an http or https address', 'The address.'),
        Method: choice(['GET', 'HEAD', 'POST'], 'GET if left out.').optional(),
        ExpectedStatus: matching(
          /^([1-5]xx|[1-5]\d\d(-[1-5]\d\d)?)( *, *([1-5]xx|[1-5]\d\d(-[1-5]\d\d)?))*$/i,
          'must be like 200, 2xx, 200-299 or 200,204',
          'Statuses and ranges, separated by commas; 2xx if left out.',
        ).optional(),
        BodyContains: text('Text that the body must hold.').optional(),
        JsonPath: matching(
          /^\$?(\.?[A-Za-z_][\w-]*|\[\d{1,6}\]|\['[^']*'\]|\["[^"]*"\])(\.[A-Za-z_][\w-]*|\[\d{1,6}\]|\['[^']*'\]|\["[^"]*"\])*$/,
          "must be like $.status or $.checks[0]['name']",
          'A place in a JSON body, like $.checks[0].state; something must be there.',
        ).optional(),
        Expected: z.string().describe('The text of the value there; without JsonPath it says nothing.').optional(),
      })
      .refine(({ JsonPath, Expected }) => Expected === undefined || JsonPath !== undefined, {
        path: ['JsonPath'],
        error: 'is needed with Expected',
      })
      .refine(({ Method, BodyContains, JsonPath }) => Method !== 'HEAD' || (BodyContains ?? JsonPath) === undefined, {
        path: ['Method'],
        error: 'HEAD has no body to look into; take GET',
      }),
  },
  {
    ...own,
    key: 'Rule/Soak',
    owner: 'Millrace',
    provider: 'Soak',
    description: 'Succeeds when the stage before has been done for so long.',
    configuration: z.strictObject({
      Minutes: number({ min: 0, max: 86_400, unit: 'minutes' }, 'Minutes since the stage before succeeded.'),
    }),
  },
  {
    ...own,
    key: 'Rule/Freeze',
    owner: 'Millrace',
    provider: 'Freeze',
    description: 'Succeeds while the tenant’s freeze calendar does not forbid changes.',
    configuration: z.strictObject({
      Calendar: text('Name of the one calendar to heed; all of them if left out.').optional(),
    }),
  },
  aws({
    key: 'Rule/CloudWatchAlarm',
    description: 'Succeeds while a CloudWatch alarm is in a good state.',
    configuration: properties({
      AlarmName: text('The alarm.'),
      AlarmStates: text('States that are bad: ALARM, OK or INSUFFICIENT_DATA, separated by commas.').optional(),
      WaitTime: number({ min: 0, max: 86_400, unit: 'minutes' }, 'How long to wait or to watch.').optional(),
    }),
    timeoutMs: 10 * MINUTE,
  }),
  aws({
    key: 'Rule/CodeBuild',
    description: 'A build in AWS CodeBuild; succeeds when it does.',
    configuration: properties(codeBuildProperties),
    inputs: { min: 0, max: 5 },
    timeoutMs: 10 * MINUTE,
  }),
  aws({
    key: 'Rule/LambdaInvoke',
    description: 'Calls a Lambda function; succeeds when it does.',
    configuration: properties({
      FunctionName: text('The function.'),
      UserParameters: text('Text for the function.').optional(),
    }),
    inputs: { min: 0, max: 5 },
    timeoutMs: 10 * MINUTE,
  }),
];
