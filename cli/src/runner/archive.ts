import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type Dirent, readdir } from 'node:fs';
import { lstat, mkdir, readlink, stat } from 'node:fs/promises';
import { isAbsolute, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { glob } from 'tinyglobby';

export interface Archive {
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * Packs files into a gzipped tar that depends on their names, modes and contents alone: the same tree has the same digest,
 * whenever and wherever it is packed. Links stay links; one that leads out of the folder is refused, as unpacking would.
 */
export async function pack(folder: string, files: readonly string[], target: string): Promise<Archive> {
  await Promise.all(files.map((file) => refuseLinkOut(folder, file)));
  const options = {
    cwd: folder,
    gzip: { level: 6 },
    portable: true,
    mtime: new Date(0),
    noDirRecurse: true,
    linkCache: new NoHardLinks(),
  };
  // To the library, a name that begins with @ is an archive to copy from.
  const names = [...files].sort().map((file) => (file.startsWith('@') ? `./${file}` : file));
  await pipeline(create(options, names), createWriteStream(target));
  return { digest: await digestOf(target), sizeBytes: (await stat(target)).size };
}

/** The files in the folder that the globs mean, links included; without globs, all of them. */
export async function matching(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  const patterns = globs.length === 0 ? ['**'] : [...globs];
  const files = await glob(patterns, { ...allFiles, cwd: folder, expandDirectories: true });
  return files.filter((file) => !file.startsWith('../'));
}

/** For a glob: hidden files are files, and so are links, which are not followed. */
export const allFiles = { dot: true, followSymbolicLinks: false, fs: { readdir: linksAsFiles() } };

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

/** Told not to follow links, the library leaves them out. It calls this in one way only, of the many that the type has. */
function linksAsFiles(): typeof readdir {
  const read = (
    path: string,
    options: { withFileTypes: true },
    done: (error: Error | null, entries: Dirent[]) => void,
  ) =>
    readdir(path, options, (error, entries) => {
      for (const entry of error === null ? entries : []) if (entry.isSymbolicLink()) entry.isFile = () => true;
      done(error, entries);
    });
  return read as typeof readdir;
}

async function refuseLinkOut(folder: string, file: string): Promise<void> {
  if (!(await lstat(join(folder, file))).isSymbolicLink()) return;
  const to = await readlink(join(folder, file));
  const end = posix.join(posix.dirname(file), to);
  if (!isAbsolute(to) && end !== '..' && !end.startsWith('../')) return;
  throw new Error(`${file} is a link that leads out of it, to ${to}. Link to something inside, or leave it out.`);
}

/** Where the library would remember which files share their contents; whether they do is no part of the tree. */
class NoHardLinks extends Map<`${number}:${number}`, string> {
  override get(): undefined {
    return undefined;
  }
}
