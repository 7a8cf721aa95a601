import { DomainError } from './domain-error.ts';

/** Where the next page begins. Opaque to callers, so that what is inside may change. */
export function encodeCursor(place: string | number): string {
  return btoa(encodeURIComponent(JSON.stringify([place]))).replaceAll('=', '');
}

export function decodeCursor(cursor: string): string | number {
  try {
    const [place] = JSON.parse(decodeURIComponent(atob(cursor))) as unknown[];
    if (typeof place === 'string' || typeof place === 'number') return place;
  } catch {
    // falls through to the one answer for every cursor that is not ours
  }
  throw new DomainError('bad_request', 'The cursor is not one that this list gave out.');
}

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** A page from one item more than asked for: the extra one only says that there is a next page. */
export function pageOf<T>(items: readonly T[], limit: number, place: (last: T) => string | number): Page<T> {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown,
    nextCursor: items.length > limit && last !== undefined ? encodeCursor(place(last)) : null,
  };
}
