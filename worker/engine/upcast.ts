import type { ExecutionEvent } from './messages.ts';

/** The shape in which turns are written today. Raise it when an event's meaning changes, and translate the old one below. */
export const EVENT_VERSION = 1;

/** Old stored events in today's shape. */
export function upcast(version: number, events: readonly ExecutionEvent[]): readonly ExecutionEvent[] {
  if (version !== EVENT_VERSION) throw new Error(`stored events of version ${version} are from a newer Millrace`);
  return events;
}
