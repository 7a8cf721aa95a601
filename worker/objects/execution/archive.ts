import type { ExecutionEvent } from '../../engine/messages.ts';
import type { Origin } from '../../engine/model.ts';
import { EVENT_VERSION } from '../../engine/upcast.ts';
import { sha256 } from '../../kernel/crypto.ts';
import type { Turn, TurnStore } from './turn-store.ts';

const FORMAT = 1;

type PackedTurn = Pick<Turn, 'seq' | 'at' | 'version'> & { readonly events: readonly unknown[] };

/** What is left of an execution whose object was emptied: one gzipped JSON. Written once, so members are only ever added. */
interface Envelope {
  readonly format: number;
  /** The newest shape of events when this was written; each turn names its own. */
  readonly eventVersion: number;
  /** Held here alone, not in the first event too: with its plan it is the largest part. */
  readonly origin: Origin;
  readonly turns: readonly PackedTurn[];
  /** SHA-256 of `[origin, turns]` as JSON. */
  readonly digest: string;
}

/** All turns of an execution that has nothing left to do: effects and acknowledgements have served their purpose. */
export async function pack(turns: readonly Turn[]): Promise<Uint8Array<ArrayBuffer>> {
  const origin = originOf(turns);
  const packed = turns.map(({ seq, at, version, events }): PackedTurn => {
    return { seq, at, version, events: events.map(withoutOrigin) };
  });
  const digest = await digestOf(origin, packed);
  const envelope: Envelope = { format: FORMAT, eventVersion: EVENT_VERSION, origin, turns: packed, digest };
  return through(new CompressionStream('gzip'), JSON.stringify(envelope));
}

/** Throws at whatever is not exactly what was packed. */
export async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<readonly Turn[]> {
  const text = new TextDecoder().decode(await through(new DecompressionStream('gzip'), bytes));
  const { format, origin, turns, digest } = JSON.parse(text) as Envelope;
  if (format !== FORMAT) throw new Error(`an archive of format ${format} is from a newer Millrace`);
  if (digest !== (await digestOf(origin, turns))) {
    throw new Error('an archive does not have the digest that it names');
  }
  return turns.map(({ seq, at, version, events }) => ({
    seq,
    at,
    version,
    // Packed from events of this very version; only the origin had been taken out.
    events: events.map((event) => withOrigin(event as ExecutionEvent, origin)),
    effects: [],
    done: [],
  }));
}

/** Archived turns to fold and read like those of an object. */
export function archivedTurns(turns: readonly Turn[]): TurnStore {
  return {
    recent: () => turns,
    after: (seq) =>
      turns.slice(
        Math.max(
          turns.findLastIndex((turn) => turn.seq <= seq),
          0,
        ),
      ),
    append: () => {
      throw new Error('an archive is never written to');
    },
  };
}

function originOf(turns: readonly Turn[]): Origin {
  const first = turns[0]?.events[0];
  if (first?.type !== 'ExecutionBegun') throw new Error('an execution must begin with its beginning');
  return first.origin;
}

function withoutOrigin(event: ExecutionEvent): object {
  if (event.type !== 'ExecutionBegun') return event;
  const { origin: _, ...rest } = event;
  return rest;
}

function withOrigin(event: ExecutionEvent, origin: Origin): ExecutionEvent {
  return event.type === 'ExecutionBegun' ? { ...event, origin } : event;
}

async function digestOf(origin: Origin, turns: readonly PackedTurn[]): Promise<string> {
  return `sha256:${await sha256(JSON.stringify([origin, turns]))}`;
}

async function through(
  transform: CompressionStream | DecompressionStream,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([content]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
