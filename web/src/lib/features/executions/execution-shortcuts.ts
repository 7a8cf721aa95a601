import { tick } from 'svelte';
import type { Shortcut } from '#lib/shell/shortcut-keys.ts';
import type { ExecutionPage } from './execution-page.svelte.ts';
import { nextFailure, refOf, type ActionRef } from './execution-view.ts';
import type { ExecutionViewName, Selection } from './selection.ts';

interface Deeds {
  readonly page: ExecutionPage;
  readonly selection: () => Selection;
  readonly select: (ref: ActionRef) => void;
  readonly show: (view: ExecutionViewName) => void;
  readonly close: () => void;
  /** Opens the dialog; never stops anything by itself. */
  readonly stop: () => void;
  readonly again: () => void;
  readonly fork: () => void;
}

export function executionShortcuts({
  page,
  selection,
  select,
  show,
  close,
  stop,
  again,
  fork,
}: Deeds): readonly Shortcut[] {
  const scope = 'Execution';
  const press = (name: string) => document.querySelector<HTMLElement>(`[data-log-${name}]`)?.click();
  return [
    {
      keys: 'a',
      label: 'Go to the approval (never answers it)',
      scope,
      run: () => focusOn('#approval textarea', '#approval .primary'),
    },
    { keys: 'f', label: 'Next failure', scope, run: () => goToFailure() },
    { keys: 'l', label: 'Go to the log', scope, run: () => focusOn('[data-log]') },
    { keys: 'F', label: 'Follow the log', scope, run: () => press('follow') },
    { keys: 'w', label: 'Wrap long lines', scope, run: () => press('wrap') },
    { keys: 'm', label: 'Log over the whole window, and back', scope, run: () => press('expand') },
    { keys: 'v', label: 'Graph', scope, run: () => show('graph') },
    { keys: 't', label: 'Timeline', scope, run: () => show('timeline') },
    { keys: 'e', label: 'Events', scope, run: () => show('events') },
    { keys: 'd', label: 'Artifacts and variables', scope, run: () => show('data') },
    { keys: 'y', label: 'Why it waits', scope, run: () => show('why') },
    { keys: 'r', label: 'Retry (opens the dialog)', scope, run: again },
    { keys: 'o', label: 'Fork (opens the dialog)', scope, run: fork },
    { keys: 's', label: 'Stop (opens the dialog)', scope, run: stop },
    { keys: 'Escape', label: 'Close the action', scope, run: close },
  ];

  function goToFailure(): void {
    const { view } = page;
    if (view === undefined) return;
    const shown = page.shown(selection());
    const next = nextFailure(view, shown && refOf(shown));
    if (next === undefined) return;
    select(refOf(next));
    void tick().then(() => focusOn('[data-log]'));
  }
}

function focusOn(...selectors: readonly string[]): void {
  const element = selectors.map((selector) => document.querySelector<HTMLElement>(selector)).find(Boolean);
  element?.closest('#approval, #action')?.scrollIntoView({ block: 'start' });
  element?.focus({ preventScroll: true });
}
