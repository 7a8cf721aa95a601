import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Server } from './client.ts';

const Demo = z.object({ url: z.string(), token: z.string(), project: z.string().optional() });

export interface FoundServer {
  readonly server: Server;
  /** The example that came with a local server: what to run when there is no project here. */
  readonly demoProject: string | undefined;
}

/** As given, else from MILLRACE_URL and MILLRACE_TOKEN, else the local server of this checkout or of a folder above. */
export async function findServer(given: { readonly url?: string; readonly token?: string }): Promise<FoundServer> {
  const url = given.url ?? process.env['MILLRACE_URL'];
  const token = given.token ?? process.env['MILLRACE_TOKEN'];
  if (url !== undefined && token !== undefined) return { server: { url, token }, demoProject: undefined };
  const demo = await localServer();
  // The local server's token is for the local server alone.
  if (url !== undefined && token === undefined && url !== demo?.url) {
    throw new Error(`No token known for ${url}. Give --token or set MILLRACE_TOKEN.`);
  }
  if (demo === undefined) {
    throw new Error(
      'No server known. Give --url and --token, set MILLRACE_URL and MILLRACE_TOKEN, or npm start one here.',
    );
  }
  return { server: { url: url ?? demo.url, token: token ?? demo.token }, demoProject: demo.project };
}

async function localServer(): Promise<z.infer<typeof Demo> | undefined> {
  const own = process.env['MILLRACE_STATE_DIR'];
  if (own !== undefined) return read(join(resolve(own), 'demo.json'));
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const found = await read(join(folder, '.millrace', 'demo.json'));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

async function read(file: string): Promise<z.infer<typeof Demo> | undefined> {
  try {
    return Demo.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
