import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Commits in the write-ahead log of the object that was written last: frames whose header says how large the database is
 * after them (SQLite file format, "The Write-Ahead Log", 4.1). Each is one durable commit.
 */
export function commitsOfNewest(folder: string): number {
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('.sqlite-wal') && !name.startsWith('metadata'))
    .map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }))
    .sort((one, other) => other.at - one.at)[0];
  if (newest === undefined) throw new Error(`no object in ${folder}`);
  return commitsIn(readFileSync(join(folder, newest.name)));
}

function commitsIn(wal: Buffer): number {
  if (wal.byteLength < 32) return 0;
  const pageSize = wal.readUInt32BE(8);
  const salts = wal.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + 24 + pageSize <= wal.byteLength; at += 24 + pageSize) {
    // Frames of an earlier round of the log carry other salts.
    if (!wal.subarray(at + 8, at + 16).equals(salts)) break;
    if (wal.readUInt32BE(at + 4) !== 0) commits += 1;
  }
  return commits;
}
