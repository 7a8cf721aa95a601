import type { ExecutionEvent } from '../../engine/messages.ts';
import type { Turn } from './turn-store.ts';

/**
 * Stored events after `after` as people and programs see them: numbered, dated, and without the plan that the first one
 * carries.
 */
export function eventViews(turns: readonly Pick<Turn, 'seq' | 'at' | 'events'>[], after = 0) {
  const views = turns.flatMap(({ seq, at, events }) =>
    events.map((event, index) => ({
      seq: seq + index,
      at: new Date(at).toISOString(),
      ...withoutOrigin(event),
    })),
  );
  return views.filter(({ seq }) => seq > after);
}

function withoutOrigin(event: ExecutionEvent): { readonly type: string } {
  if (event.type !== 'ExecutionBegun') return event;
  const { origin: _, ...rest } = event;
  return rest;
}
