import { checkpointOf, signedText } from '../../audit/checkpoint.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import type { ExportLine } from '../../audit/verify.ts';
import type { ServiceContext } from '../context.ts';
import { segmentCheckpoint, segmentEntries } from './list.ts';

const SEGMENTS_AT_ONCE = 100;
const ENTRIES_AT_ONCE = 500;

/**
 * The whole chain as it is now, one JSON a line: every segment with its checkpoint, then what is not sealed yet, with a
 * checkpoint made for this export. So the end of it is signed too, and nobody can cut it off.
 */
export function exportAudit(ctx: ServiceContext): ReadableStream<Uint8Array> {
  const lines = exportLines(ctx);
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value.map((line) => `${JSON.stringify(line)}\n`).join('')));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}

/** In batches, as they lie. */
export async function* exportLines(ctx: ServiceContext): AsyncGenerator<readonly ExportLine[], void> {
  const { tenant, ports } = ctx;
  const object = ports.tenants(tenant.id);
  const at = new Date(ports.clock.now()).toISOString();
  yield [{ export: { format: 1, tenant: tenant.id, at } }];
  let sealedTo = 0;
  for (let more = true; more;) {
    const segments = await object.auditSegments(tenant.id, 'Ascending', sealedTo, SEGMENTS_AT_ONCE);
    for (const { first, last } of segments) {
      const entries = await segmentEntries(ctx, first);
      yield [...entries.map((entry) => ({ entry })), await segmentCheckpoint(ctx, first)];
      sealedTo = last;
    }
    more = segments.length === SEGMENTS_AT_ONCE;
  }
  const tail: AuditEntry[] = [];
  for (let more = true; more;) {
    const entries = await object.auditEntries(tenant.id, tail.at(-1)?.seq ?? sealedTo, ENTRIES_AT_ONCE);
    tail.push(...entries);
    more = entries.length === ENTRIES_AT_ONCE;
  }
  const { key, sign } = await ports.audit.signer();
  const checkpoint = checkpointOf(tail, { tenant: tenant.id, at, key: key.id });
  if (checkpoint === undefined) return;
  yield [...tail.map((entry) => ({ entry })), { checkpoint, signature: await sign(signedText(checkpoint)) }];
}
