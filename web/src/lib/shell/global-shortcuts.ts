import { goto } from '$app/navigation';
import type { Shortcut } from './shortcut-keys.ts';

/** Keys that work on every page. Rows and filters are found by their attributes, so no page has to know of them. */
export function globalShortcuts({ onHelp }: { readonly onHelp: () => void }): readonly Shortcut[] {
  const scope = 'Everywhere';
  return [
    { keys: '?', label: 'Show this help', scope, run: onHelp },
    { keys: 'g h', label: 'Go home', scope, run: () => void goto('/') },
    { keys: 'g e', label: 'Go to the executions', scope, run: () => void goto('/executions') },
    { keys: 'g f', label: 'Go to the freezes', scope, run: () => void goto('/freezes') },
    { keys: 'g r', label: 'Go to runners', scope, run: () => void goto('/runners') },
    { keys: 'g c', label: 'Go to connections', scope, run: () => void goto('/connections') },
    { keys: 'g i', label: 'Go to the deliveries (what came in)', scope, run: () => void goto('/deliveries') },
    { keys: 'g t', label: 'Go to tokens', scope, run: () => void goto('/tokens') },
    { keys: 'g a', label: 'Go to the audit log', scope, run: () => void goto('/audit') },
    { keys: 'g d', label: 'Go to the API documentation', scope, run: () => void goto('/docs/api') },
    { keys: '/', label: 'Filter or search', scope, run: focusFilter },
    { keys: 'j', label: 'Next in the list', scope, run: () => moveRow(1) },
    { keys: 'k', label: 'Previous in the list', scope, run: () => moveRow(-1) },
  ];
}

function focusFilter(): void {
  const field = document.querySelector<HTMLInputElement>('main [data-filter]');
  field?.focus();
  field?.select();
}

function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by;
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}
