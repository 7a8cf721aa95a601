import { z } from 'zod';
import type { Carrier } from '../engine/plan.ts';

/** What a definition may say about an action of this type, and what the engine must know of it. */
export interface ActionType {
  readonly key: string;
  readonly category: 'Source' | 'Build' | 'Test' | 'Deploy' | 'Compute' | 'Approval' | 'Invoke';
  readonly description: string;
  readonly carrier: Carrier;
  readonly configuration: z.ZodType;
  readonly inputs: Bounds;
  readonly outputs: Bounds;
  /** Output variables that the type always has; `declared` means the definition lists them itself. */
  readonly outputVariables: readonly string[] | 'declared';
  readonly commands: boolean;
  readonly timeoutMs: { readonly default: number; readonly max: number };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const none: Bounds = { min: 0, max: 0 };

const commands = (category: ActionType['category']): ActionType => ({
  key: `${category}/Commands`,
  category,
  description: 'Shell commands on a runner.',
  carrier: 'runner',
  configuration: z.strictObject({}),
  inputs: { min: 0, max: 10 },
  outputs: { min: 0, max: 10 },
  outputVariables: 'declared',
  commands: true,
  timeoutMs: { default: 60 * MINUTE, max: 2 * DAY },
});

/** All configuration is text, as in CodePipeline; a reference is resolved, and checked again, when the action starts. */
const seconds = (max: number) =>
  z.string().refine((text) => text.includes('#{') || (/^\d+(\.\d+)?$/.test(text) && Number(text) <= max), {
    error: `must be a number of seconds from 0 to ${max}`,
  });

const types: readonly ActionType[] = [
  {
    key: 'Source/Upload',
    category: 'Source',
    description: 'A revision uploaded through the API or by `millrace run`.',
    carrier: 'worker',
    configuration: z.strictObject({}),
    inputs: none,
    outputs: { min: 1, max: 1 },
    outputVariables: ['RevisionId', 'Digest', 'Summary'],
    commands: false,
    timeoutMs: { default: 10 * MINUTE, max: 60 * MINUTE },
  },
  commands('Build'),
  commands('Test'),
  commands('Deploy'),
  commands('Compute'),
  {
    key: 'Approval/Manual',
    category: 'Approval',
    description: 'Waits until a person approves or rejects.',
    carrier: 'person',
    configuration: z.strictObject({
      CustomData: z.string().max(1000).optional(),
      ExternalEntityLink: z
        .string()
        .regex(/^(https?:\/\/|#\{)/, 'must be an http or https address')
        .optional(),
    }),
    inputs: none,
    outputs: none,
    outputVariables: [],
    commands: false,
    // AWS: 7 days, from 5 to 86,400 minutes (user guide, "Manage approval actions").
    timeoutMs: { default: 7 * DAY, max: 60 * DAY },
  },
  {
    key: 'Invoke/Delay',
    category: 'Invoke',
    description: 'Succeeds after a number of seconds; 0 succeeds at once.',
    carrier: 'worker',
    configuration: z.strictObject({ Seconds: seconds(7 * 24 * 3600) }),
    inputs: none,
    outputs: none,
    outputVariables: [],
    commands: false,
    timeoutMs: { default: 8 * DAY, max: 60 * DAY },
  },
];

const byKey = new Map(types.map((type) => [type.key, type]));

export function actionTypes(): readonly ActionType[] {
  return types;
}

export function actionType(key: string): ActionType | undefined {
  return byKey.get(key);
}
