import { createHmac } from 'node:crypto';
import type { RepositoryRef } from '../../../worker/engine/source-event.ts';
import type { HookKind, RawDelivery } from '../../../worker/triggers/trigger-source.ts';

/** One kind of sender as the conformance suite plays it: what it would send, in the form that the real one has. */
export interface Sender {
  readonly kind: HookKind;
  /** False: it shows the secret instead, and nothing ties that to the body. */
  readonly signsBody: boolean;
  /** Whether its name for a delivery is part of the body. */
  readonly idInBody: boolean;
  /** What its pull requests say of commits: only the head's, or only how their ids begin. All of both, if left out. */
  readonly pullRequestCommits?: 'head' | 'abbreviated';
  push(facts: PushFacts): Message;
  pullRequest(facts: PullRequestFacts): Message;
  /** Events of which nothing follows, by what they are. */
  readonly others: Readonly<Record<string, Message>>;
  /** `secret` undefined: as it sends when nobody gave it one. */
  headers(message: Message, body: Uint8Array, secret: string | undefined, id: string): Record<string, string>;
}

export interface Message {
  readonly event: string;
  readonly payload: object;
}

export interface PushFacts {
  readonly ref: string;
  /** Absent: new. */
  readonly before?: string;
  /** Absent: deleted. */
  readonly after?: string;
  readonly repository: Required<RepositoryRef>;
  readonly message: string;
  readonly forced?: boolean;
}

export interface PullRequestFacts {
  readonly change: 'opened' | 'reopened' | 'pushed' | 'closed' | 'merged' | 'labeled';
  readonly repository: Required<RepositoryRef>;
  readonly from: Required<RepositoryRef>;
  readonly title: string;
  readonly head: string;
  readonly base: string;
  readonly branch: string;
}

export const ZEROS = '0'.repeat(40);
export const SENDER_NAME = 'octocat';

export function hexSignature(body: Uint8Array, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

export function deliver(
  sender: Sender,
  message: Message,
  secret: string | undefined,
  id = 'delivery-1',
): RawDelivery {
  const payload = sender.idInBody ? { id, ...message.payload } : message.payload;
  return deliverBytes(sender, message, new Uint8Array(new TextEncoder().encode(JSON.stringify(payload))), secret, id);
}

export function deliverBytes(
  sender: Sender,
  message: Message,
  body: Uint8Array<ArrayBuffer>,
  secret: string | undefined,
  id = 'delivery-1',
): RawDelivery {
  const headers = { 'content-type': 'application/json', ...sender.headers(message, body, secret, id) };
  return { headers, body, receivedAt: Date.parse('2026-11-25T12:00:00Z') };
}
