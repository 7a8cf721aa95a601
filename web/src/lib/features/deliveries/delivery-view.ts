import type { Delivery, DeliveryVerdict, VerdictKind } from '#lib/api/contract.ts';

export interface Mark {
  readonly tone: 'ok' | 'bad' | 'ask' | 'idle';
  readonly word: string;
}

const MARKS: Readonly<Record<VerdictKind, Mark>> = {
  Started: { tone: 'ok', word: 'Started' },
  Waiting: { tone: 'ask', word: 'Waits for approval' },
  Retrying: { tone: 'ask', word: 'Is offered again' },
  Refused: { tone: 'bad', word: 'Refused' },
  Filtered: { tone: 'idle', word: 'Filtered' },
  Superseded: { tone: 'idle', word: 'Superseded' },
  Received: { tone: 'ask', word: 'On its way' },
  NoPipeline: { tone: 'idle', word: 'No pipeline watches' },
  Ignored: { tone: 'idle', word: 'Nothing to do' },
  WrongRepository: { tone: 'bad', word: 'Another repository' },
  Unreadable: { tone: 'bad', word: 'Not understood' },
  Closed: { tone: 'bad', word: 'Tenant is closing' },
  Failed: { tone: 'bad', word: 'Failed' },
};

export const verdictKinds = Object.keys(MARKS) as readonly VerdictKind[];

export function markOf(kind: VerdictKind): Mark {
  return MARKS[kind];
}

/** Of a commit that no delivery told of. */
export function whyNotMark({ kind }: { readonly kind: VerdictKind | null }): Mark {
  return kind === null ? { tone: 'idle', word: 'Not heard of' } : markOf(kind);
}

const SENDERS: Readonly<Record<string, string>> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  bitbucket: 'Bitbucket',
  gitea: 'Gitea',
  'azure-devops': 'Azure DevOps',
  standard: 'Signed webhook',
  sns: 'Amazon SNS',
  eventbridge: 'EventBridge',
  registry: 'Registry',
};

export function senderName(kind: string): string {
  return SENDERS[kind] ?? kind;
}

/** Who sent it, and what it says; of a message that only a trigger can read, the event alone says more. */
export function aboutText({ actor, sender, summary, repository }: Delivery): string {
  const parts = repository === null ? [senderName(sender)] : [actor ?? '', senderName(sender), summary];
  return parts.filter((part) => part !== '').join(' · ');
}

/** What waits for somebody to say yes, and has not been told yes already. */
export function isApprovable({ kind, approvedBy }: DeliveryVerdict): boolean {
  return kind === 'Waiting' && approvedBy === null;
}

/** More will become of it without anybody doing anything. */
export function isUnderWay({ kind, verdicts }: Pick<Delivery, 'kind' | 'verdicts'>): boolean {
  return (
    kind === 'Received' ||
    verdicts.some((verdict) => verdict.kind === 'Retrying' || (verdict.kind === 'Waiting' && !isApprovable(verdict)))
  );
}

/** Indented where it is JSON, as it is where not. */
export function readablePayload(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

export function sortedHeaders(headers: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(headers).sort(([one], [other]) => one.localeCompare(other));
}

export function shortCommit(commit: string): string {
  return commit.slice(0, 10);
}

export function deliveryPath({ hook, id }: { readonly hook: string; readonly id: string }): string {
  return `/deliveries/${encodeURIComponent(hook)}/${encodeURIComponent(id)}`;
}

/** A page more; what is there already is not shown twice. */
export function mergeDeliveries(known: readonly Delivery[], more: readonly Delivery[]): readonly Delivery[] {
  const ids = new Set(known.map(deliveryPath));
  return [...known, ...more.filter((delivery) => !ids.has(deliveryPath(delivery)))];
}
