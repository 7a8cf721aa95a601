import { z } from 'zod';
import { type ActionType, type Bounds, HOUR, LONGEST, none, type OutputVariables } from './type.ts';

interface AwsType {
  readonly key: string;
  readonly description: string;
  readonly owner?: 'AWS' | 'ThirdParty';
  readonly configuration: z.ZodObject;
  readonly inputs?: Bounds;
  readonly outputs?: Bounds;
  readonly variables?: readonly string[] | 'open';
  readonly commands?: boolean;
  readonly environment?: boolean;
  readonly timeoutMs?: number;
  readonly runnable?: boolean;
  readonly ours?: readonly string[];
}

/** A type of CodePipeline's own; where nothing here carries it out, it is defined and checked, so that pipelines can be taken over. */
export function aws(type: AwsType): ActionType {
  const [category = '', provider = ''] = type.key.split('/');
  return {
    key: type.key,
    category: category as ActionType['category'],
    owner: type.owner ?? 'AWS',
    provider,
    version: '1',
    description: type.description,
    runnable: type.runnable ?? false,
    carrier: 'worker',
    configuration: type.configuration,
    unknownProperties: 'warned',
    ...(type.ours === undefined ? {} : { ours: type.ours }),
    inputs: type.inputs ?? none,
    outputs: type.outputs ?? none,
    outputVariables: outputVariables(type.variables),
    commands: type.commands ?? false,
    environment: type.environment ?? false,
    timeoutMs: { default: type.timeoutMs ?? HOUR, max: LONGEST },
  };
}

function outputVariables(variables: AwsType['variables']): OutputVariables {
  if (variables === 'open') return { known: [], others: 'open' };
  return { known: variables ?? [], others: 'none' };
}

/** Properties that the catalogue does not know are let through; they are warned of. */
export function properties<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape);
}

/** A further requirement between properties. Absent counts as not met only for the property that is named. */
export function needs(
  schema: z.ZodObject,
  property: string,
  when: (configuration: Readonly<Record<string, unknown>>) => boolean,
  reason: string,
): z.ZodObject {
  return schema.refine((value) => value[property] !== undefined || !when(value), {
    path: [property],
    error: `is needed ${reason}`,
  });
}
