import type { TenantId } from '../../engine/ids.ts';
import { readBytes } from '../../kernel/read-text.ts';
import type { Log } from '../../kernel/log.ts';
import type { NewDelivery } from '../../objects/inbox/inbox-orders.ts';
import type { SourceEvent } from '../../engine/source-event.ts';
import type { HookRow } from '../../storage/hooks.ts';
import {
  DELIVERY_MAX_BYTES,
  type Parsed,
  type RawDelivery,
  type VerifiedDelivery,
} from '../../triggers/trigger-source.ts';
import type { Ports } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { compressed } from './compression.ts';
import { hookOf, type KnownHook } from './known-hooks.ts';

/** Larger ones lie in R2. */
const INLINE_MAX_BYTES = 1024 * 1024;
/** What the events of a delivery may take as JSON: they are one row. */
const EVENTS_MAX_BYTES = 512 * 1024;
const FILES_MAX = 3_000;
const HEADERS_MAX = 60;
const HEADER_MAX = 1_000;
/** They say who may do something, not what happened. */
const UNKEPT_HEADERS = [
  'authorization',
  'cookie',
  'x-gitlab-token',
  'proxy-authorization',
  'cf-access-jwt-assertion',
];
/** These sign the body and not the id of the delivery, and no two of their bodies are the same. */
const SIGN_BODIES: readonly string[] = ['github', 'gitea', 'bitbucket-dc'];

export interface DeliveryRequest {
  readonly hook: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly sender: string;
}

export interface Accepted {
  readonly id: string;
  readonly isNew: boolean;
  readonly reply: Parsed['reply'];
}

type ReceivePorts = Pick<Ports, 'clock' | 'connections' | 'deliveries'>;

/** Checked before anything of it is understood; kept before it is answered. */
export async function receiveDelivery(ports: ReceivePorts, log: Log, request: DeliveryRequest): Promise<Accepted> {
  const now = ports.clock.now();
  const known = await hookOf(ports, request.hook, now);
  if (known === undefined || known.row.disabledAt !== null) {
    throw new DomainError('hook_not_found', 'There is no such hook.');
  }
  const body = await bodyOf(request);
  const raw: RawDelivery = { headers: headersOf(request.headers), body, receivedAt: now };
  const delivery = await verified(ports, known, raw, request);
  const source = ports.deliveries.source(known.row.kind);
  const result = source?.parse(delivery) ?? { ok: false as const, message: 'Nobody here understands it.' };
  const parsed = result.ok ? result.parsed : undefined;
  if (parsed?.confirm !== undefined) await confirm(ports, log, parsed.confirm);
  const id = parsed?.deliveryId ?? delivery.bodyHash;
  const tenant = known.row.tenantId as TenantId;
  const received = await ports.deliveries.inbox(tenant, known.row.id).receive(tenant, {
    id,
    hook: refOf(known.row),
    name: parsed?.name ?? '',
    ...contentsOf(parsed, result.ok ? '' : result.message),
    headers: keptHeaders(raw.headers),
    sizeBytes: body.byteLength,
    ...(SIGN_BODIES.includes(known.row.kind) ? { bodyHash: delivery.bodyHash } : {}),
    payload: await payloadOf(ports, known.row, id, body),
  });
  if (received.ok) return { id, isNew: received.isNew, reply: parsed?.reply };
  const { retryAfterSeconds } = received;
  throw new DomainError('inbox_full', 'Too many deliveries of this hook wait to be looked at.', {
    retryAfterSeconds,
  });
}

/** Twice, if need be: the secret may have been changed since it was remembered. */
async function verified(
  ports: ReceivePorts,
  known: KnownHook,
  raw: RawDelivery,
  request: DeliveryRequest,
): Promise<VerifiedDelivery> {
  const { deliveries, clock } = ports;
  const source = deliveries.source(known.row.kind);
  let message = `Deliveries of the kind ${known.row.kind} are not understood here.`;
  for (const hook of [known, await hookOf(ports, request.hook, clock.now(), known)]) {
    if (hook === undefined || source === undefined) break;
    const { topics } = hook.row.settings;
    const verification = await source.verify(raw, hook.secrets, {
      now: clock.now(),
      fetchText: deliveries.fetchText,
      ...(topics === undefined ? {} : { topics }),
    });
    if (verification.ok) return verification.delivery;
    message = verification.message;
  }
  await known.tellOfUnverified(() => {
    const tenant = known.row.tenantId as TenantId;
    const about = { reason: message, sizeBytes: raw.body.byteLength, sender: request.sender };
    return deliveries.inbox(tenant, known.row.id).refuse(tenant, about);
  });
  throw new DomainError('delivery_unverified', message);
}

async function bodyOf({ headers, body }: DeliveryRequest): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(headers.get('content-length') ?? 0);
  const bytes =
    announced > DELIVERY_MAX_BYTES
      ? undefined
      : body === null
        ? new Uint8Array()
        : await readBytes(body, DELIVERY_MAX_BYTES);
  if (bytes !== undefined) return bytes;
  throw new DomainError('payload_too_large', 'A delivery may hold 25 MiB at most.');
}

function headersOf(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), value]));
}

function keptHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !UNKEPT_HEADERS.includes(name) && !name.startsWith('cf-'))
      .slice(0, HEADERS_MAX)
      .map(([name, value]) => [name, value.slice(0, HEADER_MAX)]),
  );
}

function contentsOf(parsed: Parsed | undefined, problem: string): Pick<NewDelivery, 'events' | 'nothing'> {
  if (parsed === undefined) return { events: [], nothing: { kind: 'Unreadable', reason: problem } };
  if (parsed.events.length === 0) {
    return { events: [], nothing: { kind: 'Ignored', reason: parsed.ignored ?? 'There is nothing in it.' } };
  }
  const events = parsed.events.map(fitting);
  if (JSON.stringify(events).length <= EVENTS_MAX_BYTES) return { events };
  const bare = events.map(withoutFiles);
  if (JSON.stringify(bare).length <= EVENTS_MAX_BYTES) return { events: bare };
  const reason = 'What it says of what happened is larger than 512 KiB; triggers take no more into account.';
  return { events: [], nothing: { kind: 'Unreadable', reason } };
}

function fitting(event: SourceEvent): SourceEvent {
  if (event.kind !== 'push' && event.kind !== 'pullRequest') return event;
  if (event.files === undefined || event.files.paths.length <= FILES_MAX) return event;
  return { ...event, files: { paths: event.files.paths.slice(0, FILES_MAX), isComplete: false } };
}

/** The host is asked for them then. */
function withoutFiles(event: SourceEvent): SourceEvent {
  if (event.kind !== 'push' && event.kind !== 'pullRequest') return event;
  const { files: _, ...bare } = event;
  return bare;
}

async function payloadOf(
  { deliveries }: ReceivePorts,
  { tenantId, id: hook }: HookRow,
  id: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<NewDelivery['payload']> {
  const bytes = await compressed(body);
  if (bytes.byteLength <= INLINE_MAX_BYTES) return bytes;
  return deliveries.payloads.put(tenantId as TenantId, hook, id, bytes);
}

/** Should it fail, the sender asks for it again. */
async function confirm({ deliveries }: ReceivePorts, log: Log, url: string): Promise<void> {
  try {
    await deliveries.fetchText(url);
  } catch (error) {
    log.error('subscription not confirmed', {}, error);
  }
}

export function refOf({ id, kind, name, connectionId, repository }: HookRow): NewDelivery['hook'] {
  return { id, kind, name, connectionId, repository };
}
