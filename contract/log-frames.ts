import { z } from 'zod';

/**
 * Logs travel as binary WebSocket messages in both directions: eight bytes of offset (big endian, counted in bytes from the
 * start of the attempt's log), then raw bytes as the process wrote them. Everything else on the socket is JSON text.
 */
export const OFFSET_BYTES = 8;

export function encodeChunk(offset: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(OFFSET_BYTES + bytes.byteLength);
  new DataView(frame.buffer).setBigUint64(0, BigInt(offset));
  frame.set(bytes, OFFSET_BYTES);
  return frame;
}

/** Undefined when the frame is too short to be one. */
export function decodeChunk(frame: ArrayBuffer): { offset: number; bytes: Uint8Array } | undefined {
  if (frame.byteLength < OFFSET_BYTES) return undefined;
  const offset = Number(new DataView(frame).getBigUint64(0));
  return { offset, bytes: new Uint8Array(frame, OFFSET_BYTES) };
}

/** Runner to log: `seal` asks for what was sent so far to be kept; `end` says that nothing follows. */
export const LogWriterMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('seal') }),
  z.object({ type: z.literal('end'), totalBytes: z.int().min(0) }),
]);
export type LogWriterMessage = z.infer<typeof LogWriterMessage>;

/**
 * Log to runner. `sealed`: everything before `offset` is kept for ever, the spool may forget it. `resend`: the log has forgotten
 * or missed what follows `offset`. `pace`: how long to gather output before sending it.
 */
export const LogWriterReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sealed'), offset: z.int(), complete: z.boolean() }),
  z.object({ type: z.literal('resend'), offset: z.int() }),
  z.object({ type: z.literal('pace'), gatherMs: z.int() }),
]);
export type LogWriterReply = z.infer<typeof LogWriterReply>;

/** Log to watcher, beside the binary chunks. `end`: the log is complete with this many bytes. */
export const LogWatcherMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('end'), totalBytes: z.int() }),
]);
export type LogWatcherMessage = z.infer<typeof LogWatcherMessage>;
