import { readFile } from 'node:fs/promises';

/** Has ended, and nobody has asked how: in a container without an init, that may stay so for good. */
const ZOMBIE = 'Z';

/** A process that is not mistaken for a later one with the same number. `startTime` 0: the system does not tell. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since boot, field 22 of proc(5)'s stat. */
  readonly startTime: number;
}

export async function isSameProcess({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const now = await statOf(pid);
  if (now?.state === ZOMBIE) return false;
  return now === undefined || startTime === 0 || now.startTime === startTime;
}

export async function startTimeOf(pid: number): Promise<number | undefined> {
  return (await statOf(pid))?.startTime;
}

/** Undefined where the system does not tell. */
async function statOf(pid: number): Promise<{ readonly state: string; readonly startTime: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold anything, spaces and parentheses included.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTime: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
