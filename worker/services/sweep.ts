import type { PipelineId, TenantId } from '../engine/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { LiveRow } from '../storage/executions.ts';
import type { Ports } from './context.ts';
import { compareRow } from './history/compare.ts';
import { repairRow } from './history/repair.ts';

const PAGE = 100;
const PAGES_MAX = 50;
/** An alarm may be this late by itself. */
const LATE_MS = 60_000;
const HOUR_MS = 60 * 60_000;
/** As `wrangler.toml` has it. */
const SWEPT_EVERY_MS = 5 * 60_000;

/**
 * Asks every object that should be alive. Objects run on their own alarms; this finds the one whose alarm was lost, which
 * nothing else could wake, and the row that says of an execution that it lives although it has ended or is gone.
 */
export async function sweep(ports: SweepPorts, log: Log): Promise<void> {
  await sweepLive(ports, log);
  await sweepSchedules(ports, log);
  await sweepInboxes(ports, log);
}

async function sweepLive(ports: SweepPorts, log: Log): Promise<void> {
  let after = { tenant: '', startedAt: 0, id: '' };
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const rows = await ports.executionIndex.live(after, PAGE);
    const pokes = rows.map((row) => sweepOne(ports, row, log));
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

/** Pipelines that only wait for the clock have no live execution: their rows say by when they should have been awake. */
async function sweepSchedules({ clock, pipelineIndex, pipelines }: SweepPorts, log: Log): Promise<void> {
  const before = clock.now() - LATE_MS;
  let after: Awaited<ReturnType<typeof pipelineIndex.late>>[number] = {
    tenantId: '' as TenantId,
    nextScheduleAt: 0,
    id: '' as PipelineId,
  };
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const rows = await pipelineIndex.late(before, after, PAGE);
    const visits = rows.map(async ({ tenantId, id }) => {
      await pipelineIndex.scheduleNext(tenantId, id, await pipelines(tenantId, id).keepTime());
    });
    for (const outcome of await Promise.allSettled(visits)) {
      if (outcome.status === 'rejected') log.error('schedules not looked after', {}, outcome.reason);
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return;
    after = last;
  }
}

/**
 * Inboxes that still have something to offer, or to ask a host, and whose alarm was lost. They wake by themselves once an hour, so more
 * often is not worth it: of every hour only the first five minutes, in which the sweeper comes once.
 */
async function sweepInboxes({ clock, connections, deliveries }: SweepPorts, log: Log): Promise<void> {
  if (clock.now() % HOUR_MS >= SWEPT_EVERY_MS) return;
  let after = { tenantId: '' as TenantId, id: '' };
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const rows = await connections.hooks.places(after, PAGE);
    const pokes = rows.map(({ tenantId, id }) => deliveries.inbox(tenantId, id).poke());
    for (const outcome of await Promise.allSettled(pokes)) {
      if (outcome.status === 'rejected') log.error('inbox not looked after', {}, outcome.reason);
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return;
    after = last;
  }
}

type SweepPorts = Pick<
  Ports,
  'clock' | 'connections' | 'deliveries' | 'executionIndex' | 'executions' | 'pipelines' | 'pipelineIndex'
>;

async function sweepOne(ports: SweepPorts, { tenantId, id }: LiveRow, log: Log): Promise<void> {
  const standing = await ports.executions(tenantId, id).standing(tenantId);
  // Alive, and whatever was overdue is under way now; or about to tell the index itself.
  if (standing !== null && (standing.summary.endedAt === null || standing.isOwed)) return;
  const row = await ports.executionIndex.byId(tenantId, id);
  if (row === undefined) return;
  const verdict = await compareRow(ports, row);
  if (await repairRow(ports, row, verdict)) log.error('index repaired', { tenant: tenantId, execution: id });
}
