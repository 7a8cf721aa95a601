import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ClearError } from './clear-error.ts';
import type { StateFolder } from './state-folder.ts';

const HEADER = 'SQLite format 3\0';

/** The database that every request needs. workerd would start on a damaged one and only say "internal error" later. */
export function assertDatabaseIsWhole(state: StateFolder): void {
  const folder = state.folder('data', 'd1');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sqlite'));
  for (const file of files) {
    const head = headOf(join(folder, file));
    // A file without a single page is one that was just about to be made.
    if (head === '' || head === HEADER) continue;
    throw new ClearError(
      `The database ${join(folder, file)} is damaged. Restore it, or delete the state folder to start over.`,
    );
  }
}

function headOf(file: string): string {
  const bytes = Buffer.alloc(HEADER.length);
  const handle = openSync(file, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(handle, bytes));
  } finally {
    closeSync(handle);
  }
}
