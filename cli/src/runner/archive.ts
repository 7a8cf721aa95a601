import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { glob } from 'tinyglobby';

export interface Archive {
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Packs files into a gzipped tar that depends on their names, modes and contents alone: the same tree has the same digest,
 * whenever and wherever it is packed.
 */
export async function pack(folder: string, files: readonly string[], target: string): Promise<Archive> {
  const options = { cwd: folder, gzip: { level: 6 }, portable: true, mtime: new Date(0), noDirRecurse: true };
  await pipeline(create(options, [...files].sort()), createWriteStream(target));
  return { digest: await digestOf(target), sizeBytes: (await stat(target)).size };
}

/** The files that the globs mean; without globs, all of them. */
export async function matching(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  const patterns = globs.length === 0 ? ['**'] : [...globs];
  return glob(patterns, { cwd: folder, dot: true, expandDirectories: true, followSymbolicLinks: false });
}

/** Unpacks into `folder`; entries that would leave it are refused by the library (`preservePaths` stays off). */
export async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await extract({ file: archive, cwd: folder, strict: true });
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
