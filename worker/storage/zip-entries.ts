import { configure, Reader, ZipReader } from '@zip.js/zip.js/lib/zip-core-native.js';
import { pathOf, type TreeEntry } from './repack.ts';

// There are no threads in here to inflate in.
configure({ useWebWorkers: false });

/** The entries of a ZIP in the bucket, read piece by piece as they are asked for. */
export async function* zipEntries(bucket: R2Bucket, key: string, topFolder: boolean): AsyncGenerator<TreeEntry> {
  const zip = new ZipReader(new StoredZip(bucket, key));
  try {
    for await (const entry of zip.getEntriesGenerator()) {
      const path = pathOf(entry.filename, topFolder);
      if (path === undefined) continue;
      if (entry.directory) {
        yield { path, kind: 'directory', mode: 0o755, sizeBytes: 0, body: nothing() };
      } else if (entry.symlink) {
        const to = new TextDecoder().decode(await new Response(inflated(entry)).arrayBuffer());
        yield { path, kind: 'symlink', mode: 0o755, sizeBytes: 0, to, body: nothing() };
      } else {
        const mode = entry.executable ? 0o755 : 0o644;
        yield { path, kind: 'file', mode, sizeBytes: entry.uncompressedSize, body: inflated(entry) };
      }
    }
  } finally {
    await zip.close();
  }
}

type FileEntry = { readonly getData: (writer: WritableStream) => Promise<unknown> };

function inflated(entry: FileEntry): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // What goes wrong comes out at the other end.
  void entry.getData(writable).catch((error: unknown) => writable.abort(error).catch(() => undefined));
  return readable;
}

function nothing(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

class StoredZip extends Reader<string> {
  readonly #bucket: R2Bucket;
  readonly #key: string;

  constructor(bucket: R2Bucket, key: string) {
    super(key);
    this.#bucket = bucket;
    this.#key = key;
  }

  override async init(): Promise<void> {
    this.size = (await this.#bucket.head(this.#key))?.size ?? 0;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const range = { offset: index, length: Math.min(length, this.size - index) };
    const object = range.length <= 0 ? null : await this.#bucket.get(this.#key, { range });
    return object === null ? new Uint8Array() : new Uint8Array(await object.arrayBuffer());
  }
}
