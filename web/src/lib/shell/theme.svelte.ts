import { createContext } from 'svelte';
import { readRemembered, writeRemembered } from '#lib/ui/remembered.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';

export const themeChoices: readonly ThemeChoice[] = ['system', 'light', 'dark'];

/** app.html applies the remembered choice before the first paint; this changes it. */
export class Theme {
  #choice = $state<ThemeChoice>(parse(readRemembered('theme')));

  get choice(): ThemeChoice {
    return this.#choice;
  }

  set choice(choice: ThemeChoice) {
    this.#choice = choice;
    writeRemembered('theme', choice === 'system' ? undefined : choice);
    if (choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
  }
}

function parse(text: string | undefined): ThemeChoice {
  return text === 'light' || text === 'dark' ? text : 'system';
}

export const [theme, provideTheme] = createContext<Theme>();
