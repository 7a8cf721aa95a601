import type { ExecutionSummary } from '../engine/summary.ts';
import type { Log } from '../kernel/log.ts';
import type { executionQueries } from '../storage/executions.ts';

export interface PublishParts {
  readonly executions: ReturnType<typeof executionQueries>;
  readonly announce: (summary: ExecutionSummary) => Promise<void>;
  /** Starts what a trigger ties to the end of an execution; the same end again starts nothing more. */
  readonly ended: (summary: ExecutionSummary) => Promise<void>;
  readonly log: Log;
}

/** Into the index of history, and onto whatever home pages are open. */
export async function publishSummary(
  summary: ExecutionSummary,
  { executions, announce, ended, log }: PublishParts,
): Promise<void> {
  await executions.publish(summary.tenant, summary);
  if (summary.endedAt !== null) await ended(summary);
  // A page that misses this reads the index when it next connects; the index is what must not miss it.
  await announce(summary).catch((error: unknown) =>
    log.error('home page not told', { execution: summary.id }, error),
  );
}
