import { createHash } from 'node:crypto';
import type { WebSocket } from 'ws';
import { decodeChunk, LogWriterMessage, LogWriterReply } from '../../../contract/log-frames.ts';
import { LogCore, type Segment, type SegmentStore } from '../../../worker/objects/log/log-core.ts';
import { until } from './until.ts';

export interface Frame {
  /** Counted from one. */
  readonly connection: number;
  readonly offset: number;
  readonly size: number;
}

/** One attempt's log on the server: the real core, with segments in memory and a connection that can be cut. */
export class TestLog {
  readonly frames: Frame[] = [];
  readonly replies: LogWriterReply[] = [];
  /** The `new` of each connection: whether the runner said that it begins the log. */
  readonly openings: boolean[] = [];
  /** Whatever is answered is answered two times over. */
  repliesTwice = false;
  readonly #segments = new Map<string, Segment & { readonly bytes: Uint8Array }>();
  readonly #onViolation: (error: unknown) => void;
  #core: LogCore;
  #socket: WebSocket | undefined;
  #cutAt = Infinity;
  #storing: Promise<void> = Promise.resolve();
  #received = 0;
  #isCutWhenComplete = false;

  constructor(onViolation: (error: unknown) => void) {
    this.#onViolation = onViolation;
    this.#core = this.#newCore();
  }

  get isComplete(): boolean {
    return this.#core.isComplete;
  }

  /** What is kept for ever. */
  get bytes(): Buffer {
    const segments = [...this.#segments.values()].sort((one, other) => one.offset - other.offset);
    return segments.reduce((all, { offset, bytes }) => {
      if (offset > all.byteLength) throw new Error(`the log has a hole from ${all.byteLength} to ${offset}`);
      return Buffer.concat([all, bytes.subarray(Math.max(all.byteLength - offset, 0))]);
    }, Buffer.alloc(0));
  }

  get digest(): string {
    return createHash('sha256').update(this.bytes).digest('hex');
  }

  async complete(): Promise<string> {
    return until('the log to be complete', () => (this.isComplete ? this.bytes.toString() : undefined));
  }

  /** The connection breaks when that many more bytes have come; the frame that reaches it is lost with it. */
  cutAfter(bytes: number): void {
    this.#cutAt = this.#received + bytes;
  }

  /** All that was not sealed is forgotten, and the connection with it. */
  evict(): void {
    this.#core = this.#newCore();
    this.#socket?.terminate();
  }

  cut(): void {
    this.#socket?.terminate();
  }

  get received(): number {
    return this.#received;
  }

  /** The connection breaks before the runner hears that the log is complete. */
  cutWhenComplete(): void {
    this.#isCutWhenComplete = true;
  }

  /** Resolves when everything that was under way in both directions has arrived. */
  async roundTrip(): Promise<void> {
    const socket = this.#socket;
    if (socket?.readyState !== socket?.OPEN) return;
    await new Promise<void>((resolve) => {
      socket?.once('pong', () => resolve());
      socket?.once('close', () => resolve());
      socket?.ping();
    });
  }

  /** Nothing is sealed until the returned function is called. */
  holdSealing(): () => void {
    let release: () => void = () => undefined;
    this.#storing = new Promise((resolve) => (release = resolve));
    return release;
  }

  join(socket: WebSocket, isNew: boolean): void {
    this.#socket?.close(1000, 'replaced');
    this.#socket = socket;
    this.openings.push(isNew);
    const connection = this.openings.length;
    let turn = this.#core.writerJoined(isNew);
    socket.on('message', (data: Buffer, isBinary) => {
      turn = turn.then(() => this.#hear(socket, connection, data, isBinary)).catch(this.#onViolation);
    });
    // Its object outlives a connection: what came is kept.
    socket.on('close', () => void this.#core.seal());
  }

  async #hear(socket: WebSocket, connection: number, data: Buffer, isBinary: boolean): Promise<void> {
    if (!isBinary) {
      const message = LogWriterMessage.parse(JSON.parse(data.toString()));
      await (message.type === 'seal' ? this.#core.seal() : this.#core.finish(message.totalBytes));
      return;
    }
    const chunk = decodeChunk(new Uint8Array(data).buffer);
    if (chunk === undefined) throw new Error('a frame too short to be one');
    if (socket.readyState !== socket.OPEN) return;
    this.#received += chunk.bytes.byteLength;
    if (this.#received > this.#cutAt) {
      this.#cutAt = Infinity;
      socket.terminate();
      return;
    }
    this.frames.push({ connection, offset: chunk.offset, size: chunk.bytes.byteLength });
    await this.#core.append(chunk);
  }

  #reply(reply: LogWriterReply): void {
    if (this.#socket?.readyState !== this.#socket?.OPEN) return;
    this.#socket?.send(JSON.stringify(LogWriterReply.parse(reply)));
  }

  #newCore(): LogCore {
    return new LogCore({
      segments: this.#store(),
      redactor: () => Promise.reject(new Error('this log masks nothing')),
      log: { error: (_message: string, _about: unknown, error: unknown) => this.#onViolation(error) } as never,
      isWatched: () => true,
      toWriter: (reply) => {
        this.replies.push(reply);
        if (reply.type === 'sealed' && reply.complete && this.#isCutWhenComplete) {
          this.#isCutWhenComplete = false;
          this.#socket?.terminate();
        }
        for (let time = 0; time < (this.repliesTwice ? 2 : 1); time += 1) this.#reply(reply);
      },
      toWatchers: () => undefined,
    });
  }

  #store(): SegmentStore {
    return {
      list: () => Promise.resolve([...this.#segments.values()]),
      put: async (offset, bytes, isLast) => {
        await this.#storing;
        this.#segments.set(`${offset}-${bytes.byteLength}`, { offset, size: bytes.byteLength, isLast, bytes });
      },
      read: () => Promise.resolve(undefined),
    };
  }
}
