import { createContext } from 'svelte';

/** Below this the server's clock and ours agree as far as anyone can see. */
const OFFSET_MIN_MS = 3_000;

/** The server's time, as far as this browser can tell. Ticks without any network, and not at all while nobody looks. */
export class Clock {
  #offsetMs = 0;
  #now = $state(Date.now());
  #slow = $state(Date.now());

  /** Moves every second. */
  get now(): number {
    return this.#now;
  }

  /** Moves every twenty seconds, for things that show minutes. */
  get slow(): number {
    return this.#slow;
  }

  adjust(serverTime: number): void {
    const offsetMs = serverTime - Date.now();
    this.#offsetMs = Math.abs(offsetMs) < OFFSET_MIN_MS ? 0 : offsetMs;
  }

  /** Returns the way to stop it. */
  start(): () => void {
    const tick = () => {
      if (document.visibilityState === 'hidden') return;
      this.#now = Date.now() + this.#offsetMs;
      if (Math.abs(this.#now - this.#slow) >= 20_000) this.#slow = this.#now;
    };
    const timer = setInterval(tick, 1_000);
    document.addEventListener('visibilitychange', tick);
    tick();
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }
}

export const [clock, provideClock] = createContext<Clock>();
