import { actionKey, parseActionKey, type ActionRef } from './execution-view.ts';

export type ExecutionViewName = 'graph' | 'timeline' | 'events' | 'data' | 'why';

/** What the URL says is being looked at, so that every look has an address. */
export interface Selection {
  readonly view: ExecutionViewName;
  /** null: nothing, on purpose. undefined: whatever deserves it. */
  readonly action: ActionRef | null | undefined;
  readonly attempt: number | undefined;
  /** The address of a look that differs in some points. */
  readonly href: (change: { readonly view: string }) => string;
}

export function parseSelection(query: string): Selection {
  const search = new URLSearchParams(query);
  const attempt = Number(search.get('attempt'));
  return {
    view: viewName(search.get('view')),
    action: search.get('action') === 'none' ? null : parseActionKey(search.get('action')),
    attempt: Number.isInteger(attempt) && attempt > 0 ? attempt : undefined,
    href: ({ view }) => selectionSearch(query, { view: viewName(view) }),
  };
}

/** The query after a change. Parts that say nothing are left out. */
export function selectionSearch(query: string, change: Partial<Omit<Selection, 'href'>>): string {
  const next = new URLSearchParams(query);
  if (change.view !== undefined) assign(next, 'view', change.view === 'graph' ? undefined : change.view);
  if ('action' in change) {
    assign(next, 'action', change.action === null ? 'none' : change.action && actionKey(change.action));
  }
  if ('attempt' in change) assign(next, 'attempt', change.attempt?.toString());
  return `?${next.toString().replaceAll('%2F', '/')}`;
}

function assign(search: URLSearchParams, name: string, value: string | undefined): void {
  if (value === undefined) search.delete(name);
  else search.set(name, value);
}

const views: readonly ExecutionViewName[] = ['timeline', 'events', 'data', 'why'];

function viewName(name: string | null): ExecutionViewName {
  return views.find((view) => view === name) ?? 'graph';
}
