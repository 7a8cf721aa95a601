import type { ExecutionWhy, Reason } from '../../../contract/why.ts';

const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const;

/** The chain of reasons as text: what holds something up stands below it, further in. */
export function explain({ execution, at, reasons }: ExecutionWhy): readonly string[] {
  const { pipeline, number, status } = execution;
  if (reasons.length === 0) return [`${pipeline} #${number} waits for nothing: it is ${status}.`];
  return [`${pipeline} #${number} is ${status}.`, ...reasons.flatMap((reason) => told(reason, Date.parse(at), 1))];
}

function told(reason: Reason, now: number, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const isLast = reason.because.length === 0;
  const details = [
    ...(isLast ? [`until: ${reason.until}`] : []),
    ...reason.may.map(({ what, who, call }) => `${what}: ${who}${call === null ? '' : ` (${call})`}`),
  ];
  return [
    `${indent}${reason.message}${facts(reason, now)}`,
    ...details.map((detail) => `${indent}  - ${detail}`),
    ...reason.because.flatMap((next) => told(next, now, depth + 1)),
  ];
}

function facts({ place, since, checkAt, deadline }: Reason, now: number): string {
  const known = [
    ...(place === null ? [] : [place === 1 ? 'next in the queue' : `place ${place} in the queue`]),
    ...(since === null ? [] : [`for ${duration(now - Date.parse(since))}`]),
    ...(checkAt === null ? [] : [`looked at again ${ahead(checkAt, now)}`]),
    ...(deadline === null ? [] : [`ends by itself ${ahead(deadline, now)}`]),
  ];
  return known.length === 0 ? '' : ` [${known.join(', ')}]`;
}

function ahead(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms < 1_000 ? 'any moment' : `in ${duration(ms)}`;
}

/** Two units at most: nobody wants to know the seconds of a day. */
export function duration(ms: number): string {
  const first = UNITS.findIndex((unit) => ms >= unit.ms);
  if (first === -1) return 'less than 1 s';
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).map((unit) => {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    return { count, name: unit.name };
  });
  return parts
    .filter(({ count }) => count > 0)
    .map(({ count, name }) => `${count} ${name}`)
    .join(' ');
}
