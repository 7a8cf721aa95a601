import type { Delivery, DeliveryVerdict, VerdictKind } from '../../../contract/deliveries.ts';
import { detailOf } from '../../engine/matching.ts';
import type { SourceEvent } from '../../engine/source-event.ts';
import type { ListedDelivery, StoredVerdict, Verdict } from '../../objects/inbox/inbox-orders.ts';

/** What matters most first. */
const ORDER: readonly VerdictKind[] = ['Started', 'Waiting', 'Retrying', 'Refused', 'Superseded', 'Filtered'];

export function deliveryView({ at, isOpen, body, verdicts }: ListedDelivery): Delivery {
  const [event] = body.events;
  const views = verdicts.map(verdictView).sort((one, other) => one.pipeline.localeCompare(other.pipeline));
  const first = [...views].sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))[0];
  const waiting = { kind: 'Received' as const, reason: 'It is being offered to the pipelines.' };
  const { kind, reason } = body.outcome ?? (isOpen ? waiting : { kind: 'Ignored' as const, reason: '' });
  return {
    id: body.id,
    hook: body.hook.id,
    receivedAt: new Date(at).toISOString(),
    name: body.name,
    sender: body.hook.kind,
    ...placeOf(event),
    actor: event?.actor.name ?? null,
    summary: event === undefined ? '' : detailOf(event),
    replayOf: body.replayOf ?? null,
    kind: first?.kind ?? kind,
    text: first === undefined ? reason : `${first.pipeline}: ${first.text}`,
    verdicts: views,
  };
}

function placeOf(event: SourceEvent | undefined): Pick<Delivery, 'repository' | 'ref' | 'commit'> {
  switch (event?.kind) {
    case 'push':
      return { repository: event.repository.name, ref: event.ref.name, commit: event.after?.id ?? null };
    case 'pullRequest':
      return { repository: event.repository.name, ref: `#${event.number}`, commit: event.head.commit.id };
    case 'image':
      return { repository: event.repository.name, ref: event.tag, commit: null };
    case 'object':
      return { repository: event.bucket, ref: event.key, commit: null };
    case 'custom':
    case undefined:
      return { repository: null, ref: null, commit: null };
  }
}

export function verdictView({ target, verdict, at, dueAt, approvedBy }: StoredVerdict): DeliveryVerdict {
  return {
    pipeline: target.name,
    kind: verdict.kind,
    text: textOf(verdict),
    execution: verdict.kind === 'Started' ? verdict.execution : null,
    at: new Date(at).toISOString(),
    retryAt: dueAt === undefined ? null : new Date(dueAt).toISOString(),
    approvedBy: approvedBy ?? null,
  };
}

function textOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'Started':
      return [`It started execution #${verdict.number}.`, ...verdict.notes].join(' ');
    case 'Filtered':
      return verdict.reasons.join(' ');
    case 'Refused':
      return verdict.message;
    case 'Retrying':
      return `${verdict.message} It is offered again.`;
    case 'Waiting':
      return verdict.reason;
    case 'Superseded':
      return 'A newer delivery of the same branch came before it could start.';
  }
}
