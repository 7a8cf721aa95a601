import type { SourceEvent } from '../engine/source-event.ts';
import { sha256 } from '../kernel/crypto.ts';

/** A delivery as it came in: the body's raw bytes, for that is what is signed. */
export interface RawDelivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
}

declare const verified: unique symbol;

/** A delivery whose signature has been found right; only `verify` makes one, so that nobody can parse what nobody has checked. */
export interface VerifiedDelivery extends RawDelivery {
  readonly [verified]: true;
  /** SHA-256 in hex. Ids of deliveries stand in headers, which most senders do not sign: a body that was seen before is a replay. */
  readonly bodyHash: string;
}

/** GitHub sends nothing larger, and nobody else should. */
export const DELIVERY_MAX_BYTES = 25 * 1024 * 1024;

export type Verification =
  | { readonly ok: true; readonly delivery: VerifiedDelivery }
  /** `message` says what is wrong with it and what would be right; never what the secret or the right signature is. */
  | { readonly ok: false; readonly message: string };

export interface Parsed {
  /** The sender's own id of this delivery; the same for a redelivery. What has none gets the hash of its body. */
  readonly deliveryId: string;
  /** What the sender calls the event, for lists: like `push`, `pull_request`, `repo:push`. */
  readonly name: string;
  /** Nothing in it: `ignored` says why. A delivery of some hosts holds several. */
  readonly events: readonly SourceEvent[];
  readonly ignored?: string;
  /** The answer that the sender waits for, if it must be another than 202 without a body. */
  readonly reply?: { readonly status: number; readonly body: string };
  /** A request that has to be made so that deliveries come at all (SNS: the URL that confirms the subscription). */
  readonly confirm?: string;
}

export type ParseResult =
  { readonly ok: true; readonly parsed: Parsed } | { readonly ok: false; readonly message: string };

/**
 * One kind of sender. `verify` takes time that does not depend on the secret, looks at raw bytes and never parses; `secrets` holds the
 * current one and, while it is being rotated, the one before. `parse` must not throw on anything: what it does not understand is a
 * `message`, what it need not understand is `ignored`.
 */
export interface TriggerSource {
  readonly kind: HookKind;
  verify(raw: RawDelivery, secrets: readonly string[], parts: VerifyParts): Promise<Verification>;
  parse(delivery: VerifiedDelivery): ParseResult;
}

/** What some senders are verified with beyond a shared secret. */
export interface VerifyParts {
  readonly now: number;
  /** Of public certificates (SNS); follows no redirects and remembers what it has fetched. */
  readonly fetchText: (url: string) => Promise<string>;
  /** Amazon topics that may deliver here. */
  readonly topics?: readonly string[];
}

export type HookKind =
  | 'github'
  | 'gitlab'
  | 'bitbucket'
  | 'bitbucket-dc'
  | 'gitea'
  | 'azure-devops'
  | 'standard'
  | 'sns'
  | 'eventbridge'
  | 'registry';

/** Only for `verify`, once it has found the signature right. */
export async function asVerified(raw: RawDelivery): Promise<Verification> {
  return { ok: true, delivery: { ...raw, bodyHash: await sha256(raw.body) } as VerifiedDelivery };
}
