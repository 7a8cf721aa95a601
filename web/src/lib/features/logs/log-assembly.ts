/** Offset in front of every binary message; contract/log-frames.ts. */
const OFFSET_BYTES = 8;

export interface LogChunk {
  readonly text: string;
  /** Bytes that should have come before this chunk and did not. */
  readonly missingBytes: number;
}

/** Puts the pieces of a log in order: drops what was sent before, says what is missing, keeps characters whole across pieces. */
export class LogAssembly {
  #decoder = new TextDecoder();
  #offset = 0;

  /** Where to resume: the offset of the first byte not seen. */
  get offset(): number {
    return this.#offset;
  }

  accept(frame: ArrayBuffer): LogChunk | undefined {
    if (frame.byteLength < OFFSET_BYTES) return undefined;
    const offset = Number(new DataView(frame).getBigUint64(0));
    const bytes = new Uint8Array(frame, OFFSET_BYTES);
    const seenBytes = Math.max(0, this.#offset - offset);
    if (seenBytes >= bytes.byteLength) return undefined;
    const missingBytes = Math.max(0, offset - this.#offset);
    // What is left of a character whose rest is missing would spoil the next one.
    if (missingBytes > 0) this.#decoder = new TextDecoder();
    this.#offset = offset + bytes.byteLength;
    return { text: this.#decoder.decode(bytes.subarray(seenBytes), { stream: true }), missingBytes };
  }
}
