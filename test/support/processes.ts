import { readFileSync } from 'node:fs';
import { isSameProcess, type ProcessIdentity, startTimeOf } from '../../cli/src/runner/process-identity.ts';
import { childrenOf } from '../../local/children.ts';

export interface Descendant extends ProcessIdentity {
  /** Its file name and arguments. */
  readonly command: string;
}

/** Children, their children and so on, as they are now. */
export async function descendantsOf(pid: number): Promise<readonly Descendant[]> {
  const found: Descendant[] = [];
  for (const child of childrenOf(pid)) {
    found.push({ pid: child, startTime: (await startTimeOf(child)) ?? 0, command: commandOf(child) });
    found.push(...(await descendantsOf(child)));
  }
  return found;
}

/** Those of `processes` that are still there. */
export async function survivorsOf<T extends ProcessIdentity>(processes: readonly T[]): Promise<readonly T[]> {
  const checked = await Promise.all(processes.map(async (each) => ((await isSameProcess(each)) ? [each] : [])));
  return checked.flat();
}

/** What a process holds in memory, in MiB. */
export function residentMiB(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
