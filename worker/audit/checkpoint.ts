import { canonical, type Json } from './canonical.ts';
import type { AuditEntry } from './entry.ts';

/** What is signed of a segment of the chain. */
export interface Checkpoint {
  readonly format: 1;
  readonly tenant: string;
  /** The entries of the segment: the first and the last of them. */
  readonly from: number;
  readonly to: number;
  /** The hash of the entry before the first, and of the last. */
  readonly prev: string;
  readonly head: string;
  readonly at: string;
  /** The id of the key that signed it. */
  readonly key: string;
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Ed25519 over the canonical JSON of the checkpoint, in base64url. */
  readonly signature: string;
}

/** Undefined: there is nothing to sign. */
export function checkpointOf(
  entries: readonly AuditEntry[],
  { tenant, at, key }: { readonly tenant: string; readonly at: string; readonly key: string },
): Checkpoint | undefined {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { format: 1, tenant, from: first.seq, to: last.seq, prev: first.prev, head: last.hash, at, key };
}

export function signedText(checkpoint: Checkpoint): string {
  return canonical(checkpoint as unknown as Json);
}
