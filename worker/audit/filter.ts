import type { AuditEntry, Outcome } from './entry.ts';

/** Everything that is named must fit. */
export interface AuditFilter {
  /** The id or the name of who did it. */
  readonly actor?: string | undefined;
  /** A permission, or all of a resource: `token:*`. */
  readonly verb?: string | undefined;
  /** `execution`, or `execution/{id}`. */
  readonly object?: string | undefined;
  readonly outcome?: Outcome | undefined;
  /** ISO 8601; the first moment that counts, and the first that does not any more. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function matches(entry: AuditEntry, { actor, verb, object, outcome, from, to }: AuditFilter): boolean {
  return (
    (actor === undefined || entry.actor.id === actor || entry.actor.name === actor || entry.actor.token === actor) &&
    (verb === undefined ||
      entry.verb === verb ||
      (verb.endsWith(':*') && entry.verb.startsWith(verb.slice(0, -1)))) &&
    (object === undefined || entry.object.type === object || `${entry.object.type}/${entry.object.id}` === object) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (from === undefined || entry.at >= from) &&
    (to === undefined || entry.at < to)
  );
}
