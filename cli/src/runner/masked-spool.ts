import type { FileHandle } from 'node:fs/promises';
import type { Redactor } from '../../../contract/redact/redactor.ts';

/**
 * What may be sent of the spool from `from` on, `bytesMax` at most: masked, and without a last bit that may yet turn out to be
 * the beginning of a secret. Which bytes are masked depends on the spool alone, so it may be read again from anywhere.
 */
export async function readMasked(
  spool: FileHandle,
  redactor: Redactor | undefined,
  from: number,
  { bytesMax, totalBytes }: { readonly bytesMax: number; readonly totalBytes: number | undefined },
): Promise<Uint8Array> {
  const reach = redactor?.reach ?? 0;
  const start = Math.max(0, from - reach);
  const end = Math.min(from + bytesMax + reach, totalBytes ?? Infinity);
  const buffer = Buffer.alloc(Math.max(0, end - start));
  const { bytesRead } = await spool.read(buffer, 0, buffer.length, start);
  const raw = buffer.subarray(0, bytesRead);
  if (redactor === undefined) return raw;
  const stream = redactor.stream();
  const certain = stream.push(raw);
  const rest = start + bytesRead === totalBytes ? stream.end() : new Uint8Array();
  return Buffer.concat([certain, rest]).subarray(from - start, from - start + bytesMax);
}
