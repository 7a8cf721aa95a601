import type { PipelineId } from '../../engine/ids.ts';
import { isPassing, START_TRIED_FOR_MS } from '../../engine/start.ts';
import type { ExecutionSummary } from '../../engine/summary.ts';
import { hookOfPipeline } from '../../definition/triggers.ts';
import { RetryableFailure } from '../../kernel/failure.ts';
import type { Log } from '../../kernel/log.ts';
import { hookReference } from '../connections/watching.ts';
import type { Ports } from '../context.ts';

/** Whoever starts each other in a circle stops here, by triggers and by calls alike. */
const DEPTH_MAX = 10;

/**
 * Tells the pipelines that have a trigger for it that an execution has ended. May be told again: the same end starts nothing twice. What
 * strangers have a hand in starts nothing elsewhere, for there it would be trusted.
 */
export async function tellOfEnd(
  { clock, connections, pipelines, life }: Pick<Ports, 'clock' | 'connections' | 'pipelines' | 'life'>,
  log: Log,
  summary: ExecutionSummary,
): Promise<void> {
  const { tenant, id, pipeline, status, endedAt } = summary;
  const hook = hookOfPipeline(pipeline.name);
  const rows = await connections.watches.byReference(tenant, hookReference(hook));
  if (rows.length === 0) return;
  const depth = (summary.trigger.depth ?? 0) + 1;
  const about = { tenant, execution: id, depth };
  const against = summary.isUntrusted === true ? 'from a fork' : depth > DEPTH_MAX ? 'a circle' : undefined;
  if (against !== undefined) log.info(`end not told: ${against}`, about);
  if (against !== undefined || (await life.closing(tenant)) !== undefined) return;
  for (const pipelineId of new Set(rows.map((row) => row.pipelineId))) {
    const watcher = pipelineId as PipelineId;
    const verdict = await pipelines(tenant, watcher).deliver(tenant, {
      key: `end:${id}:${status}:${endedAt ?? 0}`,
      event: { kind: 'custom', type: status, payload: payloadOf(summary), actor: { name: `execution ${id}` } },
      watched: [],
      hook,
      sender: 'pipeline',
      depth,
    });
    if (verdict.kind !== 'Refused') continue;
    const isFresh = clock.now() - (endedAt ?? 0) < START_TRIED_FOR_MS;
    if (isFresh && isPassing(verdict.code)) throw new RetryableFailure(verdict.message);
    log.error('end started nothing', { ...about, pipeline: pipelineId, code: verdict.code });
  }
}

function payloadOf({ id, number, status, revisionId, branch }: ExecutionSummary): string {
  return JSON.stringify({ execution: id, number, status, revision: revisionId ?? '', branch: branch ?? '' });
}
