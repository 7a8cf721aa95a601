import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isSameProcess, type ProcessIdentity, startTimeOf } from '../cli/src/runner/process-identity.ts';
import { ClearError } from './clear-error.ts';
import type { StateFolder } from './state-folder.ts';

interface Held {
  readonly server: ProcessIdentity;
  readonly children: readonly ProcessIdentity[];
}

/**
 * One server a state folder. What an earlier one left behind when it was killed, its workerd and its runner, would keep the
 * port and the databases: they are ended first. Jobs of the runner are not among them; they go on.
 */
export class ServerLock {
  readonly #file: string;
  #children: readonly ProcessIdentity[] = [];

  private constructor(file: string) {
    this.#file = file;
  }

  static async take(state: StateFolder): Promise<ServerLock> {
    const lock = new ServerLock(state.file('server.pid'));
    const held = lock.#read();
    if (held !== undefined) {
      if (await isSameProcess(held.server)) {
        throw new ClearError(`Millrace is running already with this state folder (process ${held.server.pid}).`);
      }
      for (const orphan of held.children) if (await isSameProcess(orphan)) await end(orphan);
    }
    await lock.remember([]);
    return lock;
  }

  async remember(children: readonly number[]): Promise<void> {
    this.#children = await Promise.all(children.map(identityOf));
    const held: Held = { server: await identityOf(process.pid), children: this.#children };
    writeFileSync(this.#file, JSON.stringify(held));
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }

  #read(): Held | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Held;
    } catch {
      return undefined;
    }
  }
}

async function identityOf(pid: number): Promise<ProcessIdentity> {
  return { pid, startTime: (await startTimeOf(pid)) ?? 0 };
}

async function end(orphan: ProcessIdentity): Promise<void> {
  try {
    process.kill(orphan.pid, 'SIGKILL');
  } catch {
    // It has just gone by itself.
  }
  while (await isSameProcess(orphan)) await new Promise((resolve) => setTimeout(resolve, 20));
}
