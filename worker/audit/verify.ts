import { signedText, type SignedCheckpoint } from './checkpoint.ts';
import { type AuditEntry, type Digest, GENESIS, hashedText } from './entry.ts';

/** One line of an export. */
export type ExportLine =
  | { readonly export: { readonly format: 1; readonly tenant: string; readonly at: string } }
  | { readonly entry: AuditEntry }
  | SignedCheckpoint;

export interface Verified {
  readonly ok: true;
  readonly tenant: string;
  readonly entries: number;
  readonly checkpoints: number;
  /** The hash of the last entry: who notes it down can tell later that nothing was cut off since. */
  readonly head: string;
}

export interface Broken {
  readonly ok: false;
  /** The first line, counted from 1, that is not as it was written. */
  readonly line: number;
  readonly seq: number;
  readonly message: string;
}

export interface VerifyParts {
  readonly digest: Digest;
  /** False: not signed by the key of that id. Undefined: the key is not known. */
  readonly isSigned: (text: string, signature: string, key: string) => Promise<boolean | undefined>;
}

/** Goes through an export from its first line to its last, and stops at the first that does not fit. */
export async function verify(
  lines: AsyncIterable<string> | Iterable<string>,
  parts: VerifyParts,
): Promise<Verified | Broken> {
  let line = 0;
  let tenant: string | undefined;
  let seq = 0;
  let head = GENESIS;
  let checkpoints = 0;
  let signedTo = 0;
  /** The hash before each entry that no checkpoint has covered yet begins here. */
  let segmentPrev = GENESIS;
  const broken = (message: string): Broken => ({ ok: false, line, seq, message });
  for await (const text of lines) {
    line += 1;
    if (text === '') continue;
    const parsed = parse(text);
    if (parsed === undefined) return broken('This line is not JSON of an export.');
    if ('export' in parsed) {
      tenant = parsed.export.tenant;
    } else if ('entry' in parsed) {
      const { entry } = parsed;
      seq += 1;
      if (entry.seq !== seq) return broken(`Entry ${seq} is missing: ${entry.seq} stands in its place.`);
      if (entry.prev !== head) return broken(`Entry ${seq} does not follow the one before it.`);
      if ((await parts.digest(hashedText(entry))) !== entry.hash) {
        return broken(`Entry ${seq} is not what was written.`);
      }
      head = entry.hash;
    } else {
      const { checkpoint, signature } = parsed;
      const isSigned = await parts.isSigned(signedText(checkpoint), signature, checkpoint.key);
      const name = `The checkpoint of entries ${checkpoint.from} to ${checkpoint.to}`;
      if (isSigned === undefined) {
        return broken(`${name} is signed with key ${checkpoint.key}, which is not known here.`);
      }
      if (!isSigned) return broken(`${name} is not signed by Millrace.`);
      if (checkpoint.tenant !== tenant) return broken(`${name} is of another tenant.`);
      const isNext = checkpoint.from === signedTo + 1 && checkpoint.prev === segmentPrev;
      if (!isNext || checkpoint.to !== seq || checkpoint.head !== head) {
        return broken(`${name} is not of this chain.`);
      }
      checkpoints += 1;
      signedTo = seq;
      segmentPrev = head;
    }
  }
  line += 1;
  if (tenant === undefined) return broken('This is not an export of an audit log.');
  if (signedTo !== seq) return broken(`Nothing signs the entries from ${signedTo + 1} on: the end is missing.`);
  return { ok: true, tenant, entries: seq, checkpoints, head };
}

function parse(text: string): ExportLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { export: start, entry, checkpoint, signature } = value;
    const isLine = isObject(start) || isObject(entry) || (isObject(checkpoint) && typeof signature === 'string');
    // Whatever else is not as it says fails its hash or its signature.
    return isLine ? (value as unknown as ExportLine) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
