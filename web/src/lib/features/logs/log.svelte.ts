import type { ApiClient } from '#lib/api/client.ts';
import type { LogWatcherMessage } from '#lib/api/contract.ts';
import { isNotFound, isUnauthenticated, NoAnswer } from '#lib/api/failure.ts';
import type { LinkHealth } from '#lib/live/link-health.svelte.ts';
import { LogAssembly } from './log-assembly.ts';
import { LogLines } from './log-lines.ts';

export type LogPhase =
  /** Nothing has arrived yet. */
  | 'loading'
  | 'streaming'
  /** All of it is here. */
  | 'ended'
  /** It has ended, and some of it is missing. */
  | 'incomplete'
  | 'missing'
  | 'failed';

export interface LogSource {
  readonly logPath: string;
  readonly livePath: (afterBytes: number) => string;
  /** Whether more may come; a log that is not there yet is then waited for. */
  readonly isRunning: () => boolean;
}

/** What one frame may spend on turning bytes into lines. */
const SLICE_MS = 8;
const PIECE_LENGTH = 32_768;
const PUBLISH_EVERY_MS = 80;

/** The log of one attempt, kept current. Lines are held outside the reactive graph; `version` moves when they change. */
export class LogState {
  readonly lines = new LogLines();
  readonly #assembly = new LogAssembly();
  readonly #api: ApiClient;
  readonly #link: LinkHealth;
  readonly #source: LogSource;
  #queue: string[] = [];
  #isPumping = false;
  #isStopped = false;
  #publishedAt = 0;
  #publishTimer: ReturnType<typeof setTimeout> | undefined;
  #end: number | undefined;
  #closeConnection: (() => void) | undefined;

  #version = $state(0);
  #phase = $state<LogPhase>('loading');
  #missingBytes = $state(0);
  #error = $state.raw<unknown>(undefined);

  constructor(api: ApiClient, link: LinkHealth, source: LogSource) {
    this.#api = api;
    this.#link = link;
    this.#source = source;
  }

  get version(): number {
    return this.#version;
  }

  get phase(): LogPhase {
    return this.#phase;
  }

  get missingBytes(): number {
    return this.#missingBytes;
  }

  get error(): unknown {
    return this.#error;
  }

  get count(): number {
    return this.#version < 0 ? 0 : this.lines.count;
  }

  /** Returns the way to stop. */
  start(): () => void {
    this.#closeConnection = this.#link.open({
      path: () => this.#source.livePath(this.#assembly.offset),
      onMessage: (data) => (typeof data === 'string' ? this.#note(data) : this.#accept(data)),
      onStatus: ({ state }) => {
        if (state === 'open' && this.#phase === 'loading') this.#phase = 'streaming';
      },
      onRefused: () => this.#fetchInstead(),
    });
    return () => {
      this.#isStopped = true;
      clearTimeout(this.#publishTimer);
      this.#closeConnection?.();
    };
  }

  #accept(frame: ArrayBuffer): void {
    const chunk = this.#assembly.accept(frame);
    if (chunk === undefined) return;
    if (chunk.missingBytes > 0) {
      this.#missingBytes += chunk.missingBytes;
      this.#enqueue(`\n\u001b[0;33m[${chunk.missingBytes} bytes are missing here]\u001b[0m\n`);
    }
    this.#enqueue(chunk.text);
  }

  #note(data: string): void {
    const message = JSON.parse(data) as LogWatcherMessage;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a newer server may say more than this page knows
    if (message.type !== 'end') return;
    this.#end = message.totalBytes;
    this.#closeConnection?.();
    this.#schedule();
  }

  /** Where no socket gets through, or none is offered, the log so far can still be read. */
  async #fetchInstead(): Promise<'retry' | 'stop'> {
    try {
      const text = await this.#api.getText(this.#source.logPath, 'text/plain');
      if (this.#source.isRunning() || this.#assembly.offset > 0) return 'retry';
      this.#enqueue(text);
      this.#end = 0;
      return 'stop';
    } catch (error) {
      if (isUnauthenticated(error)) return 'stop';
      if (isNotFound(error)) {
        this.#phase = this.#source.isRunning() ? 'loading' : 'missing';
        return this.#source.isRunning() ? 'retry' : 'stop';
      }
      // A lost connection has its own banner.
      if (error instanceof NoAnswer) return 'retry';
      this.#error = error;
      if (this.lines.count === 0) this.#phase = 'failed';
      return 'retry';
    }
  }

  #enqueue(text: string): void {
    for (let from = 0; from < text.length; from += PIECE_LENGTH) {
      this.#queue.push(text.slice(from, from + PIECE_LENGTH));
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    // A hidden tab gets no animation frames, and its log should be there when the reader returns.
    if (document.visibilityState === 'hidden') setTimeout(() => this.#pump(), 50);
    else requestAnimationFrame(() => this.#pump());
  }

  #pump(): void {
    this.#isPumping = false;
    if (this.#isStopped) return;
    const until = performance.now() + SLICE_MS;
    let taken = 0;
    while (taken < this.#queue.length && performance.now() < until) {
      this.lines.write(this.#queue[taken] ?? '');
      taken += 1;
    }
    this.#queue = this.#queue.slice(taken);
    if (taken > 0 && (this.#phase === 'loading' || this.#phase === 'failed')) this.#phase = 'streaming';
    if (this.#queue.length > 0) this.#schedule();
    else if (this.#end !== undefined) this.#finish(this.#end);
    this.#publish();
  }

  /** Nobody reads faster than this, and drawing costs more than reading the bytes. */
  #publish(): void {
    const waitMs = this.#publishedAt + PUBLISH_EVERY_MS - performance.now();
    if (waitMs <= 0 || this.#phase !== 'streaming') this.#publishNow();
    else this.#publishTimer ??= setTimeout(() => this.#publishNow(), waitMs);
  }

  #publishNow(): void {
    clearTimeout(this.#publishTimer);
    this.#publishTimer = undefined;
    this.#publishedAt = performance.now();
    this.#version += 1;
  }

  #finish(totalBytes: number): void {
    this.lines.end();
    const isShort = this.#assembly.offset < totalBytes || this.#missingBytes > 0;
    this.#phase = isShort ? 'incomplete' : 'ended';
  }
}
