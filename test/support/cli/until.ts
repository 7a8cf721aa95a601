import { readFile } from 'node:fs/promises';

const BOUND_MS = 20_000;

/** Looks until there is something to see. Says what it waited for when it never comes. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + BOUND_MS; ;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function untilTrue(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  await until(what, async () => ((await look()) ? true : undefined));
}

/** What the file says, once it is there and ends with a line. */
export async function written(file: string): Promise<string> {
  return until(file, async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return text.endsWith('\n') ? text : undefined;
  });
}
