import { z } from 'zod';

export const QuotaName = z.enum([
  'pipelines',
  'concurrentExecutions',
  'executionsPerHour',
  'artifactBytes',
  'logBytes',
  'runners',
  'members',
  'tokens',
]);
export type QuotaName = z.infer<typeof QuotaName>;

export interface Quota {
  readonly title: string;
  /** So much that nobody honest notices, and so little that nobody can fill the installation. */
  readonly limit: number;
  readonly unit: 'count' | 'bytes';
  /** What is counted, as in "This tenant has 7 …". */
  readonly what: string;
  readonly remedy: string;
}

const GB = 1000 ** 3;

/** What a tenant may have only so much of. `MILLRACE_QUOTAS` changes these for all tenants, the operator for one of them. */
export const QUOTAS: Readonly<Record<QuotaName, Quota>> = {
  pipelines: {
    title: 'Pipelines',
    limit: 1000,
    unit: 'count',
    what: 'pipelines',
    remedy: 'Delete pipelines that nobody needs',
  },
  concurrentExecutions: {
    title: 'Executions under way',
    limit: 1000,
    unit: 'count',
    what: 'executions running or waiting',
    remedy: 'Wait for one to end, or stop one',
  },
  executionsPerHour: {
    title: 'Executions per hour',
    limit: 5000,
    unit: 'count',
    what: 'executions started in the last hour',
    remedy: 'Wait until the oldest of them is an hour old',
  },
  artifactBytes: {
    title: 'Artifacts',
    limit: 100 * GB,
    unit: 'bytes',
    what: 'of artifacts',
    remedy: 'Make artifacts smaller',
  },
  logBytes: {
    title: 'Logs',
    limit: 20 * GB,
    unit: 'bytes',
    what: 'of logs',
    remedy: 'Keep history for fewer days, or write less',
  },
  runners: {
    title: 'Registered runners',
    limit: 500,
    unit: 'count',
    what: 'registered runners',
    remedy: 'Revoke the tokens of runners that are gone',
  },
  members: {
    title: 'Members and invitations',
    limit: 500,
    unit: 'count',
    what: 'members and open invitations',
    remedy: 'Remove members, or withdraw invitations',
  },
  tokens: {
    title: 'Tokens',
    limit: 1000,
    unit: 'count',
    what: 'tokens',
    remedy: 'Revoke tokens that nobody uses',
  },
};

export type Limits = Readonly<Record<QuotaName, number>>;

export const DEFAULT_LIMITS = Object.fromEntries(
  QuotaName.options.map((name) => [name, QUOTAS[name].limit]),
) as Limits;

/** Some of the limits, for all tenants or for one. */
export const SomeLimits = z.partialRecord(QuotaName, z.int().min(0));
export type SomeLimits = z.infer<typeof SomeLimits>;

/** How much of a quota is used. */
export const QuotaUse = z
  .object({
    name: QuotaName,
    used: z.int(),
    limit: z.int().describe('The operator can set another one.'),
  })
  .meta({ id: 'QuotaUse' });
export type QuotaUse = z.infer<typeof QuotaUse>;

/** Why nothing more is let in, and what to do. */
export function quotaMessage({ name, used, limit }: QuotaUse): string {
  const { unit, what, remedy } = QUOTAS[name];
  const amount = (value: number): string => (unit === 'bytes' ? sizeText(value) : String(value));
  return `This tenant has ${amount(used)} ${what}, and may have ${amount(limit)}. ${remedy}, or ask the operator for more.`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[power] ?? ''}`;
}
