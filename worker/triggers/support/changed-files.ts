import type { ChangedFiles } from '../../engine/source-event.ts';

/** An event is kept in a row; whoever changes more than this is asked for the rest at the host. */
const PATHS_MAX = 3_000;
const LENGTH_MAX = 256 * 1024;

export interface CommitFiles {
  readonly added?: readonly string[] | null | undefined;
  readonly removed?: readonly string[] | null | undefined;
  readonly modified?: readonly string[] | null | undefined;
}

/** Each path of the commits once, in the order of the alphabet. */
export function changedFiles(commits: readonly CommitFiles[], isComplete: boolean): ChangedFiles {
  const all = new Set<string>();
  let length = 0;
  for (const { added, removed, modified } of commits) {
    for (const path of [...(added ?? []), ...(removed ?? []), ...(modified ?? [])]) {
      if (all.has(path)) continue;
      length += path.length;
      if (all.size >= PATHS_MAX || length > LENGTH_MAX) return { paths: [...all].sort(), isComplete: false };
      all.add(path);
    }
  }
  return { paths: [...all].sort(), isComplete };
}
