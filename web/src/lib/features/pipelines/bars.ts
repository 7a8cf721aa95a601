import type { ExecutionSummary } from '#lib/api/contract.ts';
import { executionStanding, type Standing } from '#lib/features/executions/standing.ts';

export interface Bar {
  readonly execution: ExecutionSummary;
  readonly standing: Standing;
  /** 0 to 1 of the full height. */
  readonly height: number;
}

const HEIGHT_MIN = 0.22;

/**
 * Oldest first, as time is read. Heights compare durations of ended executions; the square root keeps one slow one from
 * flattening the rest, and one that still waits for a person does not count.
 */
export function bars(recent: readonly ExecutionSummary[], now: number): readonly Bar[] {
  const ended = recent.filter(({ endedAt }) => endedAt !== null);
  const longest = Math.max(1, ...ended.map((execution) => durationMs(execution, now)));
  return recent.toReversed().map((execution) => ({
    execution,
    standing: executionStanding(execution),
    height: HEIGHT_MIN + (1 - HEIGHT_MIN) * Math.sqrt(Math.min(1, durationMs(execution, now) / longest)),
  }));
}

/** What a screen reader hears instead of twenty bars. */
export function describeBars(recent: readonly ExecutionSummary[]): string {
  if (recent.length === 0) return 'No executions yet';
  const counts = new Map<string, number>();
  for (const { status } of recent) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${status}`);
  return `Last ${recent.length} executions: ${parts.join(', ')}`;
}

function durationMs({ startedAt, endedAt }: ExecutionSummary, now: number): number {
  return Math.max(0, (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}
