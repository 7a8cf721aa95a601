import type { Log } from '../kernel/log.ts';
import type { Ports } from './context.ts';

const PAGE = 100;
const PAGES_MAX = 50;

/**
 * Pokes every object that should be alive. Objects run on their own alarms; this finds the one whose alarm was lost, which
 * nothing else could wake.
 */
export async function sweep(
  ports: Pick<Ports, 'executionIndex' | 'executions' | 'pipelines'>,
  log: Log,
): Promise<void> {
  let after = { tenant: '', startedAt: 0, id: '' };
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const rows = await ports.executionIndex.live(after, PAGE);
    const pokes = rows.map(({ tenantId, id }) => ports.executions(tenantId, id).poke());
    const pipelines = new Map(rows.map((row) => [row.pipelineId, row]));
    for (const { tenantId, pipelineId } of pipelines.values()) {
      pokes.push(ports.pipelines(tenantId, pipelineId).poke());
    }
    for (const outcome of await Promise.allSettled(pokes)) {
      if (outcome.status === 'rejected') log.error('poke failed', {}, outcome.reason);
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return;
    after = { tenant: last.tenantId, startedAt: last.startedAt, id: last.id };
  }
}
