import type { ChangedFiles } from '../../engine/source-event.ts';

/** Each path once, in the order of the alphabet. */
export function changedFiles(paths: Iterable<string | undefined>, isComplete: boolean): ChangedFiles {
  const all = new Set<string>();
  for (const path of paths) if (path !== undefined && path !== '') all.add(path);
  return { paths: [...all].sort(), isComplete };
}
