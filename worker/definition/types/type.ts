import type { z } from 'zod';
import type { Carrier } from '../../engine/plan.ts';

/** What a definition may say about an action or a rule of this type, and what the engine must know of it. */
export interface ActionType {
  /** `Category/Provider`. */
  readonly key: string;
  readonly category: Category;
  /** `Millrace`: CodePipeline does not have it. */
  readonly owner: 'Millrace' | 'AWS' | 'ThirdParty' | 'Custom';
  readonly provider: string;
  readonly version: string;
  readonly description: string;
  /** Can this installation carry it out? If not, it may be defined, but fails with ConfigurationError when it starts. */
  readonly runnable: boolean;
  readonly carrier: Carrier;
  readonly configuration: z.ZodObject;
  /** `warned`: CodePipeline may know properties that the catalogue does not. */
  readonly unknownProperties: 'refused' | 'warned';
  /** Of a type of CodePipeline's: properties that it does not have there. */
  readonly ours?: readonly string[];
  readonly inputs: Bounds;
  readonly outputs: Bounds;
  readonly outputVariables: OutputVariables;
  readonly commands: boolean;
  readonly environment: boolean;
  readonly timeoutMs: { readonly default: number; readonly max: number };
  /** Where CodePipeline is narrower than Millrace. */
  readonly inCodePipeline?: { readonly inputs: Bounds; readonly outputs: Bounds };
}

export type Category = 'Source' | 'Build' | 'Test' | 'Deploy' | 'Compute' | 'Approval' | 'Invoke' | 'Rule';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface OutputVariables {
  /** Those that the type always has. */
  readonly known: readonly string[];
  /** `declared`: the definition lists them. `open`: they show when the action has run. */
  readonly others: 'none' | 'declared' | 'open';
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const none: Bounds = { min: 0, max: 0 };
export const one: Bounds = { min: 1, max: 1 };
/** AWS: 5 to 86,400 minutes wherever a timeout can be set (`ActionDeclaration`, `RuleDeclaration`). */
export const LONGEST = 60 * DAY;
