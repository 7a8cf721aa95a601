import { z } from 'zod';

/** Configuration is text throughout, as in CodePipeline; a reference is resolved, and checked again, when the action starts. */

const hasReference = (text: string): boolean => text.includes('#{');

export const text = (description: string) => z.string().min(1, 'must not be empty').describe(description);

export function choice(values: readonly string[], description: string) {
  return z
    .string()
    .refine((value) => hasReference(value) || values.includes(value), {
      error: `must be one of ${values.join(', ')}`,
    })
    .meta({ description, examples: [...values] });
}

export const flag = (description: string) => choice(['true', 'false'], description);

export function number(range: { readonly min: number; readonly max: number; readonly unit: string }, about: string) {
  const { min, max, unit } = range;
  return z
    .string()
    .refine(
      (value) => hasReference(value) || (/^\d+(\.\d+)?$/.test(value) && Number(value) >= min && Number(value) <= max),
      { error: `must be a number of ${unit} from ${min} to ${max}` },
    )
    .describe(about);
}

export function matching(pattern: RegExp, error: string, description: string) {
  return z
    .string()
    .refine((value) => hasReference(value) || pattern.test(value), { error })
    .describe(description);
}

/** A JSON document inside the text. With references it is checked when they are resolved. */
export function jsonText(schema: z.ZodType, what: string, description: string) {
  return z
    .string()
    .refine((value) => hasReference(value) || schema.safeParse(parsed(value)).success, { error: `must be ${what}` })
    .describe(description);
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
