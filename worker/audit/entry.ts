import { canonical, type Json } from './canonical.ts';

export type Outcome = 'allowed' | 'denied' | 'failed' | 'unknown';

/** What somebody did or tried, before it has its place in the chain. */
export interface AuditDraft {
  /** Given once: a draft that is handed in again is the same entry. */
  readonly id: string;
  /** ISO 8601, in UTC. */
  readonly at: string;
  readonly actor: {
    readonly type: 'person' | 'token' | 'job' | 'system';
    readonly id: string;
    readonly name: string;
    /** The token that acted for the person. */
    readonly token?: string;
  };
  readonly from: { readonly ip: string; readonly userAgent: string };
  /** The permission that it asks for, like `execution:start`. */
  readonly verb: string;
  /** The method and path of the API, with the names of its parameters. */
  readonly route: string;
  readonly object: { readonly type: string; readonly id: string; readonly part?: string };
  readonly outcome: Outcome;
  /** The answer's, as HTTP has it; 0 where nobody knows what was answered. */
  readonly status: number;
  readonly requestId: string;
  /** Small values, else digests; never a secret. */
  readonly before?: Json;
  readonly after?: Json;
}

export interface AuditEntry extends AuditDraft {
  /** From 1 on, without a gap. */
  readonly seq: number;
  /** The hash of the entry before this one. */
  readonly prev: string;
  readonly hash: string;
}

export const GENESIS = '0'.repeat(64);
const SUMMARY_MAX = 1_000;
const TEXT_MAX = 200;

export type Digest = (text: string) => Promise<string>;

/** What an entry's hash is the hash of. */
export function hashedText({ hash: _, ...rest }: AuditEntry): string {
  return canonical(rest);
}

export async function chained(draft: AuditDraft, seq: number, prev: string, digest: Digest): Promise<AuditEntry> {
  const entry = { ...draft, seq, prev, hash: '' };
  return { ...entry, hash: await digest(hashedText(entry)) };
}

/** Within bounds, so that nobody fills a chain with one request: texts are cut, large values become their digest. */
export async function bounded(draft: AuditDraft, digest: Digest): Promise<AuditDraft> {
  const { before, after, actor, from, object, ...rest } = draft;
  return {
    ...rest,
    requestId: cut(rest.requestId),
    actor: { ...actor, id: cut(actor.id), name: cut(actor.name) },
    from: { ip: cut(from.ip), userAgent: cut(from.userAgent) },
    object: {
      type: object.type,
      id: cut(object.id),
      ...(object.part === undefined ? {} : { part: cut(object.part) }),
    },
    ...(before === undefined ? {} : { before: await small(before, digest) }),
    ...(after === undefined ? {} : { after: await small(after, digest) }),
  };
}

async function small(value: Json, digest: Digest): Promise<Json> {
  const text = canonical(value);
  return text.length <= SUMMARY_MAX ? value : { digest: `sha256:${await digest(text)}`, length: text.length };
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`;
}
