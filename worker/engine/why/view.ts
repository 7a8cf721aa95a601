import type { Instant } from '../ids.ts';
import type { Holder, Reason, Remedy } from './reason.ts';

/** A chain of reasons as the API shows it. Times are ISO 8601, absence is null. */
export interface ReasonView extends Pick<Reason, 'kind' | 'subject' | 'owner' | 'message' | 'until'> {
  readonly holder: (Omit<Holder, 'number'> & { readonly number: number | null }) | null;
  readonly place: number | null;
  readonly since: string | null;
  readonly deadline: string | null;
  readonly checkAt: string | null;
  readonly may: readonly (Omit<Remedy, 'call'> & { readonly call: string | null })[];
  readonly because: readonly ReasonView[];
}

export function reasonView(reason: Reason): ReasonView {
  const { kind, subject, owner, message, holder, place, since, deadline, checkAt, until, may, because } = reason;
  return {
    kind,
    subject,
    owner,
    message,
    holder: holder === undefined ? null : { ...holder, number: holder.number ?? null },
    place: place ?? null,
    since: iso(since),
    deadline: iso(deadline),
    checkAt: iso(checkAt),
    until,
    may: (may ?? []).map(({ what, who, call }) => ({ what, who, call: call ?? null })),
    because: (because ?? []).map(reasonView),
  };
}

function iso(at: Instant | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
