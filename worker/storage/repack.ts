import { createTarDecoder, createTarPacker, type TarHeader } from 'modern-tar';
import { PermanentFailure } from '../kernel/failure.ts';

/** More than this, unpacked, is no source tree but an attack on whoever unpacks it. */
const UNPACKED_MAX_BYTES = 4 * 1024 * 1024 * 1024;
const ENTRIES_MAX = 500_000;

/** One file, folder or link of a tree. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly sizeBytes: number;
  /** Of a link: where it leads. */
  readonly to?: string;
  /** Must be read to its end before the next entry is asked for. */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * A gzipped tar of the entries, as runners pack theirs: no owners and no times, so that the same tree fetched twice has the same digest
 * whatever its host has put around it. What goes wrong with the entries comes out at the other end, too, but as an error of the stream's own:
 * `onFailure` is told what it was.
 */
export function packed(
  entries: AsyncIterable<TreeEntry>,
  onFailure: (error: unknown) => void = () => undefined,
): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  void fill(entries, controller).catch((error: unknown) => {
    onFailure(error);
    controller.error(error);
  });
  return readable.pipeThrough(new CompressionStream('gzip'));
}

type Packer = ReturnType<typeof createTarPacker>['controller'];

async function fill(entries: AsyncIterable<TreeEntry>, packer: Packer): Promise<void> {
  let bytes = 0;
  let count = 0;
  for await (const entry of entries) {
    bytes += entry.sizeBytes;
    count += 1;
    if (bytes > UNPACKED_MAX_BYTES || count > ENTRIES_MAX) {
      const message = `The source holds more than ${UNPACKED_MAX_BYTES / 2 ** 30} GiB or ${ENTRIES_MAX} files unpacked.`;
      throw new PermanentFailure('RevisionUnavailable', message);
    }
    await entry.body.pipeTo(packer.add(headerOf(entry)));
  }
  packer.finalize();
}

function headerOf({ path, kind, mode, sizeBytes, to }: TreeEntry): TarHeader {
  const common = { mode, mtime: new Date(0), uid: 0, gid: 0 };
  if (kind === 'directory') return { ...common, name: `${path}/`, type: 'directory', size: 0 };
  if (kind === 'symlink') return { ...common, name: path, type: 'symlink', size: 0, linkname: to ?? '' };
  return { ...common, name: path, type: 'file', size: sizeBytes };
}

/** The entries of a gzipped tar; with `topFolder`, without the one folder that everything lies in. */
export async function* tarEntries(
  archive: ReadableStream<Uint8Array>,
  topFolder: boolean,
): AsyncGenerator<TreeEntry> {
  const plain = archive.pipeThrough(new DecompressionStream('gzip'));
  // Cut short is broken: a build of half a tree would pass for one of the whole.
  for await (const { header, body } of plain.pipeThrough(createTarDecoder({ strict: true }))) {
    const path = pathOf(header.name, topFolder);
    const kind = kindOf(header);
    if (path === undefined || kind === undefined) {
      await body.cancel();
      continue;
    }
    const mode = kind === 'file' && ((header.mode ?? 0) & 0o100) === 0 ? 0o644 : 0o755;
    const to = kind === 'symlink' ? { to: header.linkname ?? '' } : {};
    yield { path, kind, mode, sizeBytes: kind === 'file' ? header.size : 0, ...to, body };
  }
}

/** Hard links and devices are in no Git tree. */
function kindOf({ type }: TarHeader): TreeEntry['kind'] | undefined {
  return type === undefined || type === 'file'
    ? 'file'
    : type === 'directory' || type === 'symlink'
      ? type
      : undefined;
}

/** Relative and inside, or undefined. */
export function pathOf(name: string, topFolder: boolean): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return undefined;
  const path = (topFolder ? parts.slice(1) : parts).join('/');
  return path === '' ? undefined : path;
}
