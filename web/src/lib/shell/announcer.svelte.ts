import { createContext } from 'svelte';

const QUIET_MS = 1_500;

/** What a screen reader is told of changes on the page; only the newest of a burst, so that nobody is talked over. */
export class Announcer {
  #text = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  get text(): string {
    return this.#text;
  }

  say(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#text = text), QUIET_MS);
  }
}

export const [announcer, provideAnnouncer] = createContext<Announcer>();
