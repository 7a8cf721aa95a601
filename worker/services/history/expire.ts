import { Settings } from '../../../contract/settings.ts';
import type { ExecutionSummary } from '../../engine/summary.ts';
import type { Log } from '../../kernel/log.ts';
import type { Ports } from '../context.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Of one run; what is left over comes next time, oldest first. */
const TENANTS_MAX = 20;
const EXECUTIONS_MAX = 200;
const AT_ONCE = 10;

type ExpiryPorts = Pick<
  Ports,
  'clock' | 'executionIndex' | 'executions' | 'pipelines' | 'tenants' | 'archives' | 'removeLogs' | 'expiry'
>;

/**
 * Deletes executions whose tenant keeps its history no longer: first what the object holds, then logs and archive, the row
 * last, so that whatever breaks off is found again. Artifacts stay: they are shared, and nothing counts who still needs them.
 */
export async function expire(ports: ExpiryPorts, log: Log): Promise<void> {
  const { keepHistoryDays } = Settings.parse({});
  const now = ports.clock.now();
  let left = EXECUTIONS_MAX;
  for (const { tenant, days } of await ports.expiry.tenants(now, keepHistoryDays, TENANTS_MAX)) {
    const rows = await ports.expiry.executions(tenant, now - days * DAY_MS, left);
    left -= rows.length;
    const isNeeded = needed(ports);
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const outcomes = rows.slice(at, at + AT_ONCE).map(async (row) => {
        if (!(await isNeeded(row))) await expireOne(ports, row);
      });
      for (const outcome of await Promise.allSettled(outcomes)) {
        if (outcome.status === 'rejected') log.error('not expired', { tenant }, outcome.reason);
      }
    }
    if (left <= 0) return;
  }
}

async function expireOne(ports: ExpiryPorts, { tenant, id, seq }: ExecutionSummary): Promise<void> {
  const { executions, executionIndex, archives, removeLogs, tenants } = ports;
  // It has come back to life, and the index does not know yet.
  if (!(await executions(tenant, id).forget(tenant))) return;
  const bytes = await removeLogs(tenant, id);
  if (bytes > 0) await tenants(tenant).giveBackBytes(tenant, 'logBytes', bytes);
  await archives.remove(tenant, id);
  await executionIndex.remove(tenant, id, seq);
}

/** What a stage last took in is what a rollback would go back to, however old it is. */
function needed({ pipelines }: Pick<Ports, 'pipelines'>): (row: ExecutionSummary) => Promise<boolean> {
  const asked = new Map<string, Promise<ReadonlySet<string>>>();
  return async ({ tenant, id, pipeline }) => {
    const ask = async (): Promise<ReadonlySet<string>> => {
      const state = await pipelines(tenant, pipeline.id).state(tenant);
      return new Set(state?.stages.flatMap(({ lastSucceeded }) => lastSucceeded?.id ?? []));
    };
    const answer = asked.get(pipeline.id) ?? ask();
    asked.set(pipeline.id, answer);
    return (await answer).has(id);
  };
}
