import { z } from 'zod';
import { type ActionType, type Category, DAY, LONGEST } from './types/type.ts';

/** A type's name, taken apart: `Category/Provider` or `Category/Owner/Provider@Version`. */
export interface TypeId {
  readonly category: string;
  readonly owner?: string;
  readonly provider: string;
  readonly version: string;
}

export const CATEGORIES: readonly Category[] = [
  'Source',
  'Build',
  'Test',
  'Deploy',
  'Compute',
  'Approval',
  'Invoke',
  'Rule',
];

export function typeId(name: string): TypeId {
  const [category = '', ...rest] = name.split('/');
  const [provider = '', version = '1'] = (rest.at(-1) ?? '').split('@');
  const owner = rest.length === 2 ? rest[0] : undefined;
  return { category, ...(owner === undefined ? {} : { owner }), provider, version };
}

/**
 * A type that nobody here knows: a custom one, a partner's, or a newer one of AWS. It is held to CodePipeline's outermost bounds
 * (custom types 0 to 5 artifacts, others 0 to 10) and cannot be carried out. Undefined: there is no such category.
 */
export function structural(id: TypeId): ActionType | undefined {
  const category = CATEGORIES.find((one) => one === id.category);
  const { owner } = id;
  if (category === undefined || (owner !== 'AWS' && owner !== 'ThirdParty' && owner !== 'Custom')) return undefined;
  const bounds = { min: 0, max: owner === 'Custom' ? 5 : 10 };
  return {
    key: `${category}/${owner}/${id.provider}@${id.version}`,
    category,
    owner,
    provider: id.provider,
    version: id.version,
    description: 'A type that is not in the catalogue.',
    runnable: false,
    carrier: 'worker',
    configuration: z.looseObject({}),
    unknownProperties: 'warned',
    inputs: category === 'Source' ? { min: 0, max: 0 } : bounds,
    outputs: bounds,
    outputVariables: { known: [], others: 'open' },
    commands: false,
    environment: false,
    timeoutMs: { default: DAY, max: LONGEST },
  };
}
