import type { AuditEntry } from '#lib/api/contract.ts';

/** `pipeline web-shop · Ship`; a type alone where the order is about all of them. */
export function objectText({ object: { type, id, part } }: AuditEntry): string {
  const what = id === '' ? type : `${type} ${id}`;
  return part === undefined ? what : `${what} · ${part}`;
}

export function actorText({ actor }: AuditEntry): string {
  return actor.token === undefined ? actor.name : `${actor.name}, by token`;
}

export function outcomeTone({ outcome }: AuditEntry): 'ok' | 'bad' | 'ask' | 'idle' {
  switch (outcome) {
    case 'allowed':
      return 'ok';
    case 'denied':
      return 'bad';
    case 'failed':
      return 'ask';
    case 'unknown':
      return 'idle';
  }
}

/** Before and after, as somebody reads them. Undefined: the entry says nothing about it. */
export function valueText(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value, null, 2);
}
