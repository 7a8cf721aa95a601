import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

type EntryType = 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';

export interface Entry {
  readonly path: string;
  readonly type?: EntryType;
  readonly text?: string;
  readonly linkpath?: string;
}

/** An archive as no well-meaning program would write it. */
export async function aTarball(file: string, entries: readonly Entry[]): Promise<string> {
  await writeFile(file, gzipSync(Buffer.concat([...entries.map(blocksOf), Buffer.alloc(1024)])));
  return file;
}

function blocksOf({ path, type = 'File', text = '', linkpath }: Entry): Buffer {
  const content = Buffer.from(text);
  const header = new Header({
    path,
    type,
    mode: 0o644,
    size: content.byteLength,
    ...(linkpath === undefined ? {} : { linkpath }),
  });
  const block = Buffer.alloc(512);
  header.encode(block, 0);
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)]);
}
