import { createContext } from 'svelte';
import { readRemembered, writeRemembered } from '#lib/ui/remembered.ts';
import { pressKey, type Shortcut } from './shortcut-keys.ts';

const SEQUENCE_WITHIN_MS = 1_200;

/** Every key that does something right now. They can be turned off: WCAG 2.1.4. */
export class Shortcuts {
  #all = $state.raw<readonly Shortcut[]>([]);
  #isOn = $state(readRemembered('shortcuts') !== 'off');
  #typed = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  get all(): readonly Shortcut[] {
    return this.#all;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  set isOn(isOn: boolean) {
    this.#isOn = isOn;
    writeRemembered('shortcuts', isOn ? undefined : 'off');
  }

  /** Returns the way to take them away again. */
  add(shortcuts: readonly Shortcut[]): () => void {
    this.#all = [...this.#all, ...shortcuts];
    return () => {
      this.#all = this.#all.filter((shortcut) => !shortcuts.includes(shortcut));
    };
  }

  handle(event: KeyboardEvent): void {
    if (!this.#isOn || event.defaultPrevented || event.isComposing || !isFree(event)) return;
    const outcome = pressKey(this.#all, this.#typed, event.key);
    clearTimeout(this.#timer);
    this.#typed = outcome.type === 'pending' ? outcome.typed : '';
    if (outcome.type === 'pending') this.#timer = setTimeout(() => (this.#typed = ''), SEQUENCE_WITHIN_MS);
    if (outcome.type !== 'run') return;
    event.preventDefault();
    outcome.shortcut.run();
  }
}

export const [shortcuts, provideShortcuts] = createContext<Shortcuts>();

/** Not while somebody types or a dialog is open, and never together with the browser's own modifiers. */
function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  // An event from inside a shadow root has its host for a target.
  const target = event.composedPath()[0];
  if (document.querySelector('dialog:modal') !== null) return false;
  return !(target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null);
}
