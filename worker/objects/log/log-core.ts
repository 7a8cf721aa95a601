import type { RedactedStream, Redactor } from '../../../contract/redact/redactor.ts';
import type { LogWatcherMessage, LogWriterReply } from '../../../contract/log-frames.ts';
import type { Log } from '../../kernel/log.ts';
import type { LogRoom } from './log-room.ts';

/** A segment is written when this much has come together, when the runner asks for it, or at the end. */
export const SEGMENT_BYTES = 1024 * 1024;
/** More than this unsealed means that R2 is not keeping up; the runner has the rest and sends it again. */
const UNSEALED_MAX_BYTES = 8 * SEGMENT_BYTES;
const GATHER_MS = { watched: 50, unwatched: 1_000 };

/** Of a tenant that may not keep more of its logs. */
const CUT_NOTICE =
  'Millrace: the log was cut here, because the tenant may not keep more bytes of logs. The job goes on.';

/** A stretch of an attempt's log in R2. Stretches may overlap after a crash; where they do, the bytes are the same. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
  /** The log ends with this segment. */
  readonly isLast: boolean;
}

export interface SegmentStore {
  list(): Promise<readonly Segment[]>;
  put(offset: number, bytes: Uint8Array, isLast: boolean): Promise<void>;
  /** The segment's bytes from `skip` on. */
  read(segment: Segment, skip: number): Promise<ReadableStream<Uint8Array> | undefined>;
}

export interface LogParts {
  readonly segments: SegmentStore;
  /** Absent: as much as there is. */
  readonly room?: LogRoom;
  readonly log: Log;
  readonly isWatched: () => boolean;
  readonly toWriter: (reply: LogWriterReply) => void;
  readonly toWatchers: (chunk: Chunk | LogWatcherMessage) => void;
  readonly redactor: (masking: string) => Promise<Redactor>;
}

export interface Chunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * One attempt's log: what is sealed lies in R2, what is not yet lies in memory and in the runner's spool. Has no rows of its
 * own; after an eviction it learns from R2 how far it was, and asks the runner for what follows.
 */
export class LogCore {
  readonly #parts: LogParts;
  #opened: Promise<void> | undefined;
  /** Sealed, from the beginning, without a gap. */
  #sealedTo = 0;
  #tail: Chunk[] = [];
  /** So much has come; a last bit of it may yet turn out to be the beginning of a secret. */
  #end = 0;
  /** So much is masked, and may be seen and sealed. */
  #cleanEnd = 0;
  #masking: Promise<void> | undefined;
  #mask: RedactedStream | undefined;
  #totalBytes: number | undefined;
  #isComplete = false;
  #sealing: Promise<void> | undefined;
  #isSealWanted = false;

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  get sealedTo(): number {
    return this.#sealedTo;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** A runner that begins a log knows that nothing is there; everybody else must look. */
  open(isNew: boolean): Promise<void> {
    this.#opened ??= isNew ? Promise.resolve() : this.#lookUp();
    return this.#opened;
  }

  async writerJoined(isNew: boolean): Promise<void> {
    await this.open(isNew);
    const { toWriter } = this.#parts;
    toWriter({ type: 'sealed', offset: this.#sealedTo, complete: this.#isComplete });
    if (!this.#isComplete) toWriter({ type: 'resend', offset: this.#end });
    this.setPace();
  }

  /** Watchers see what comes at once; with nobody looking, the runner may take its time. */
  setPace(): void {
    const gatherMs = this.#parts.isWatched() ? GATHER_MS.watched : GATHER_MS.unwatched;
    this.#parts.toWriter({ type: 'pace', gatherMs });
  }

  /** `masking`: what its writer's job had, as the writer's token says. Nobody gets to see what has not been masked by it. */
  async append({ offset, bytes }: Chunk, masking?: string): Promise<void> {
    await this.#ready(masking);
    const { toWriter } = this.#parts;
    if (this.#isComplete || offset + bytes.byteLength <= this.#end) return;
    const isTooMuch = this.#end - this.#sealedTo > UNSEALED_MAX_BYTES;
    if (offset > this.#end || isTooMuch) {
      if (!isTooMuch) toWriter({ type: 'resend', offset: this.#end });
      return;
    }
    const fresh = bytes.subarray(this.#end - offset);
    this.#end += fresh.byteLength;
    this.#show(this.#mask === undefined ? fresh : this.#mask.push(fresh));
    this.#flushAtEnd();
    if (this.#cleanEnd - this.#sealedTo >= SEGMENT_BYTES || this.#end === this.#totalBytes) this.#seal();
  }

  /** Whatever is here is to be kept: the runner has waited long enough, or has gone. */
  async seal(): Promise<void> {
    await this.#ready();
    if (this.#cleanEnd > this.#sealedTo) this.#seal();
  }

  async finish(totalBytes: number): Promise<void> {
    await this.#ready();
    this.#totalBytes = totalBytes;
    this.#flushAtEnd();
    if (this.#isComplete) this.#parts.toWriter({ type: 'sealed', offset: this.#sealedTo, complete: true });
    else if (this.#end < totalBytes) this.#parts.toWriter({ type: 'resend', offset: this.#end });
    else this.#seal();
  }

  /**
   * Everything from `after` on, sealed or not, piece by piece; `emit` may wait. `onCaughtUp` is called in the same breath as
   * the last piece, so that nothing can come in between.
   */
  async replay(
    after: number,
    emit: (chunk: Chunk) => void | Promise<void>,
    onCaughtUp: () => void = () => undefined,
  ): Promise<void> {
    await this.open(false);
    let at = after;
    for (;;) {
      while (at < this.#sealedTo) {
        const read = await this.#replaySealed(at, emit);
        if (read === at) {
          onCaughtUp(); // a segment is missing: better a short log than a wrong one
          return;
        }
        at = read;
      }
      const tail = this.#tail;
      // Sealing replaces the tail while `emit` waits; what was in it is then found among the segments.
      for (let index = 0; index < tail.length && tail === this.#tail; index += 1) {
        const chunk = tail[index];
        if (chunk === undefined || endOf(chunk) <= at) continue;
        const fresh = chunk.bytes.subarray(Math.max(at - chunk.offset, 0));
        at = endOf(chunk);
        const waiting = emit({ offset: at - fresh.byteLength, bytes: fresh });
        if (waiting !== undefined) await waiting;
      }
      if (tail === this.#tail && at >= this.#sealedTo) break;
    }
    onCaughtUp();
  }

  async settled(): Promise<void> {
    while (this.#sealing !== undefined) await this.#sealing;
  }

  async #lookUp(): Promise<void> {
    const segments = await this.#parts.segments.list();
    this.#sealedTo = contiguousEnd(segments);
    this.#end = this.#sealedTo;
    // What was sealed was certain: no secret begins before it and ends after.
    this.#cleanEnd = this.#sealedTo;
    this.#isComplete = segments.some(({ offset, size, isLast }) => isLast && offset + size === this.#sealedTo);
    // A socket that outlived our memory belongs to a runner that thinks we still have what it sent.
    if (!this.#isComplete) this.#parts.toWriter({ type: 'resend', offset: this.#end });
  }

  /** Whatever the writer says waits here, in order, until it is known where the log stands and what is to be masked. */
  async #ready(masking?: string): Promise<void> {
    await this.open(false);
    if (masking !== undefined) {
      this.#masking ??= this.#parts.redactor(masking).then((redactor) => {
        if (!redactor.isEmpty) this.#mask = redactor.stream();
      });
    }
    try {
      await this.#masking;
    } catch (error) {
      this.#masking = undefined;
      throw error;
    }
  }

  #show(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    const chunk = { offset: this.#cleanEnd, bytes };
    this.#tail.push(chunk);
    this.#cleanEnd += bytes.byteLength;
    this.#parts.toWatchers(chunk);
  }

  /** Nothing follows, so nothing is the beginning of anything. */
  #flushAtEnd(): void {
    if (this.#mask !== undefined && this.#end === this.#totalBytes) this.#show(this.#mask.end());
  }

  #seal(): void {
    this.#isSealWanted = true;
    this.#sealing ??= this.#sealAll().finally(() => {
      this.#sealing = undefined;
    });
  }

  async #sealAll(): Promise<void> {
    const { segments, room, toWriter, toWatchers, log } = this.#parts;
    while (this.#isSealWanted && !this.#isComplete) {
      this.#isSealWanted = false;
      const [from, to] = [this.#sealedTo, this.#cleanEnd];
      const isLast = to === this.#totalBytes;
      if (to === from && !isLast) return;
      try {
        if ((await room?.take(to - from, isLast)) === false) {
          await this.#cut(from);
          return;
        }
        await segments.put(from, joined(this.#tail, from, to), isLast);
      } catch (error) {
        // Nothing is acknowledged, so the runner keeps it and asks again.
        log.error('segment not written', { offset: from }, error);
        return;
      }
      this.#sealedTo = to;
      this.#tail = this.#tail.filter((chunk) => endOf(chunk) > to);
      this.#isComplete = isLast;
      toWriter({ type: 'sealed', offset: to, complete: isLast });
      if (isLast) toWatchers({ type: 'end', totalBytes: to });
      if (this.#end === this.#totalBytes) this.#isSealWanted = true;
    }
  }

  /** The log ends here, with a line that says why; its writer hears that all is well, and its job goes on. */
  async #cut(from: number): Promise<void> {
    const { segments, toWriter, toWatchers } = this.#parts;
    const notice = new TextEncoder().encode(`${from === 0 ? '' : '\n'}${CUT_NOTICE}\n`);
    await segments.put(from, notice, true);
    const shown = { offset: this.#cleanEnd, bytes: notice };
    this.#isComplete = true;
    this.#mask = undefined;
    this.#tail = [];
    this.#sealedTo = from + notice.byteLength;
    this.#end = this.#sealedTo;
    this.#cleanEnd = this.#sealedTo;
    toWatchers(shown);
    toWatchers({ type: 'end', totalBytes: endOf(shown) });
    toWriter({ type: 'sealed', offset: this.#sealedTo, complete: true });
  }

  async #replaySealed(at: number, emit: (chunk: Chunk) => void | Promise<void>): Promise<number> {
    const { segments } = this.#parts;
    const segment = (await segments.list())
      .filter(({ offset, size }) => offset <= at && offset + size > at)
      .sort((one, other) => other.offset + other.size - (one.offset + one.size))[0];
    const stream = segment === undefined ? undefined : await segments.read(segment, at - segment.offset);
    if (stream === undefined) return at;
    let offset = at;
    for await (const bytes of stream) {
      await emit({ offset, bytes });
      offset += bytes.byteLength;
    }
    return offset;
  }
}

/** How far the segments reach from the beginning without a gap. */
export function contiguousEnd(segments: readonly Segment[]): number {
  const byOffset = [...segments].sort((one, other) => one.offset - other.offset);
  return byOffset.reduce((end, { offset, size }) => (offset <= end ? Math.max(end, offset + size) : end), 0);
}

function endOf({ offset, bytes }: Chunk): number {
  return offset + bytes.byteLength;
}

function joined(chunks: readonly Chunk[], from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  for (const chunk of chunks) {
    const part = chunk.bytes.subarray(Math.max(from - chunk.offset, 0), Math.max(to - chunk.offset, 0));
    bytes.set(part, Math.max(chunk.offset - from, 0));
  }
  return bytes;
}
