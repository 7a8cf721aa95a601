export interface Shortcut {
  /** As typed, keys of a sequence separated by a space: `g h`, `?`, `F`. */
  readonly keys: string;
  readonly label: string;
  readonly scope: string;
  readonly run: () => void;
}

export type KeyOutcome =
  | { readonly type: 'run'; readonly shortcut: Shortcut }
  | { readonly type: 'pending'; readonly typed: string }
  | { readonly type: 'none' };

/** The newest shortcut wins where two have the same keys, so a page may take over a key for as long as it is shown. */
export function pressKey(shortcuts: readonly Shortcut[], typed: string, key: string): KeyOutcome {
  for (const sequence of typed === '' ? [key] : [`${typed} ${key}`, key]) {
    const shortcut = shortcuts.findLast(({ keys }) => keys === sequence);
    if (shortcut !== undefined) return { type: 'run', shortcut };
    if (shortcuts.some(({ keys }) => keys.startsWith(`${sequence} `))) return { type: 'pending', typed: sequence };
  }
  return { type: 'none' };
}
