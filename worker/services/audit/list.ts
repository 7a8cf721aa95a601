import type { AuditCheckpoint, AuditEntry, AuditFilter } from '../../../contract/audit.ts';
import type { SignedCheckpoint } from '../../audit/checkpoint.ts';
import type { AuditEntry as Entry } from '../../audit/entry.ts';
import { matches } from '../../audit/filter.ts';
import type { ServiceContext } from '../context.ts';
import { decodeCursor, encodeCursor, type Page, pageOf } from '../cursor.ts';

/** Segments that one page may look through: a filter that fits little takes several pages, not one that is endless. */
const SEGMENTS_MAX = 4;

/** The newest first: recent ones from the tenant's object, older ones from segments. */
export async function listAudit(
  { tenant, ports }: ServiceContext,
  asked: AuditFilter,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<AuditEntry>> {
  const filter = { ...asked, from: inUtc(asked.from), to: inUtc(asked.to) };
  const object = ports.tenants(tenant.id);
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(decodeCursor(cursor));
  const recent = await object.auditPage(tenant.id, filter, before, limit);
  const items = [...recent.entries];
  let { lookedTo } = recent;
  if (items.length < limit && recent.hasOlder) {
    for (const { first } of await object.auditSegments(tenant.id, 'Descending', lookedTo, SEGMENTS_MAX)) {
      const older = (await segmentEntries({ tenant, ports }, first)).filter(({ seq }) => seq < lookedTo).reverse();
      for (const entry of older) {
        lookedTo = entry.seq;
        if (matches(entry, filter)) items.push(entry);
        if (items.length === limit) break;
      }
      if (items.length === limit) break;
    }
  }
  return { items, nextCursor: lookedTo > 1 ? encodeCursor(lookedTo) : null };
}

/** The newest first. */
export async function listCheckpoints(
  { tenant, ports }: ServiceContext,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<AuditCheckpoint>> {
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(decodeCursor(cursor));
  const segments = await ports.tenants(tenant.id).auditSegments(tenant.id, 'Descending', before, limit + 1);
  const page = pageOf(segments, limit, ({ first }) => first);
  const items = await Promise.all(page.items.map(({ first }) => segmentCheckpoint({ tenant, ports }, first)));
  return { items, nextCursor: page.nextCursor };
}

type Where = Pick<ServiceContext, 'tenant' | 'ports'>;

export async function segmentEntries({ tenant, ports }: Where, first: number): Promise<Entry[]> {
  const lines = await ports.audit.segments.lines(tenant.id, first);
  if (lines === undefined) throw new Error(`segment ${first} of an audit chain is missing`);
  // Only sealing writes these lines.
  return lines.split('\n').map((line) => JSON.parse(line) as Entry);
}

export async function segmentCheckpoint({ tenant, ports }: Where, first: number): Promise<SignedCheckpoint> {
  const text = await ports.audit.segments.checkpoint(tenant.id, first);
  if (text === undefined) throw new Error(`the checkpoint of segment ${first} of an audit chain is missing`);
  return JSON.parse(text) as SignedCheckpoint;
}

/** As entries have their times, so that they compare as texts. */
function inUtc(at: string | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
