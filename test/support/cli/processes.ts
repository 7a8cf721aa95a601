import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { untilTrue } from './until.ts';

/** Neither gone nor a zombie that nobody has asked about yet. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = (await statOf(pid))?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

export async function gone(pid: number): Promise<void> {
  await untilTrue(`process ${pid} to end`, async () => !(await isRunning(pid)));
}

/** Every process in a session, whoever its parent is by now. */
export async function sessionMembers(session: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map(statOf));
  return pids.filter((_, index) => stats[index]?.session === session && stats[index].state !== 'Z');
}

/** A process group of its own that does nothing, and ends with the test. */
export async function aBystander(): Promise<{
  readonly pid: number;
  readonly ended: Promise<NodeJS.Signals | null>;
}> {
  const child: ChildProcess = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await new Promise<void>((resolve) => child.once('spawn', () => resolve()));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { pid: child.pid ?? 0, ended };
}

async function statOf(pid: number): Promise<{ readonly state: string; readonly session: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state = '', , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, session: Number(session) };
  } catch {
    return undefined;
  }
}
