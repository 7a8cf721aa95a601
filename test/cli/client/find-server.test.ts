import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findServer } from '../../../cli/src/client/find-server.ts';
import { aFolder } from '../../support/cli/folder.ts';

const DEMO = { url: 'http://localhost:8787', token: 'demo token', project: '/examples/hello' };

/** A folder with a local server in it, and one below it to be in. */
async function aCheckout(demo: unknown = DEMO): Promise<{ readonly root: string; readonly below: string }> {
  const root = await aFolder();
  const below = join(root, 'src', 'deep');
  await mkdir(join(root, '.millrace'));
  await mkdir(below, { recursive: true });
  await writeFile(join(root, '.millrace', 'demo.json'), typeof demo === 'string' ? demo : JSON.stringify(demo));
  return { root, below };
}

function goTo(folder: string): void {
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
}

const env = (name: string, value: string): unknown => vi.stubEnv(name, value);

describe('the server', () => {
  beforeEach(() => {
    for (const name of ['MILLRACE_URL', 'MILLRACE_TOKEN', 'MILLRACE_STATE_DIR']) vi.stubEnv(name, undefined);
    return () => vi.unstubAllEnvs();
  });

  it('is the one that is given, whatever else there is', async () => {
    goTo((await aCheckout()).root);
    env('MILLRACE_URL', 'https://env.example');
    env('MILLRACE_TOKEN', 'env token');
    expect(await findServer({ url: 'https://given.example', token: 'given token' })).toEqual({
      server: { url: 'https://given.example', token: 'given token' },
      demoProject: undefined,
    });
  });

  it('is else the one of the environment', async () => {
    goTo((await aCheckout()).root);
    env('MILLRACE_URL', 'https://env.example');
    env('MILLRACE_TOKEN', 'env token');
    const { server, demoProject } = await findServer({});
    expect(server).toEqual({ url: 'https://env.example', token: 'env token' });
    expect(demoProject).toBeUndefined();
  });

  it('takes from each what the other lacks', async () => {
    goTo(await aFolder());
    env('MILLRACE_URL', 'https://env.example');
    env('MILLRACE_TOKEN', 'env token');
    expect((await findServer({ token: 'given token' })).server).toEqual({
      url: 'https://env.example',
      token: 'given token',
    });
    expect((await findServer({ url: 'https://given.example' })).server).toEqual({
      url: 'https://given.example',
      token: 'env token',
    });
  });

  it('is else the local one of this folder or of one above, with its example', async () => {
    const { root, below } = await aCheckout();
    for (const folder of [root, below]) {
      goTo(folder);
      expect(await findServer({})).toEqual({
        server: { url: DEMO.url, token: DEMO.token },
        demoProject: DEMO.project,
      });
    }
  });

  it('is the nearest local one', async () => {
    const { below } = await aCheckout();
    await mkdir(join(below, '.millrace'));
    await writeFile(join(below, '.millrace', 'demo.json'), JSON.stringify({ ...DEMO, url: 'http://localhost:1' }));
    goTo(below);
    expect((await findServer({})).server.url).toBe('http://localhost:1');
  });

  it('is the local one of the state folder that is named, and no other', async () => {
    const { below } = await aCheckout();
    const elsewhere = await aFolder();
    await writeFile(join(elsewhere, 'demo.json'), JSON.stringify({ ...DEMO, token: 'elsewhere' }));
    goTo(below);
    env('MILLRACE_STATE_DIR', elsewhere);
    expect((await findServer({})).server.token).toBe('elsewhere');
    env('MILLRACE_STATE_DIR', await aFolder());
    await expect(findServer({})).rejects.toThrow('No server known.');
  });

  it.each(['{"url":"http://localho', '{}', ''])('is not one whose file says %j', async (text) => {
    goTo((await aCheckout(text)).root);
    await expect(findServer({})).rejects.toThrow('No server known.');
  });

  it('is asked for in one sentence when there is none', async () => {
    goTo(await aFolder());
    await expect(findServer({})).rejects.toThrow(
      'No server known. Give --url and --token, set MILLRACE_URL and MILLRACE_TOKEN, or npm start one here.',
    );
  });

  it('of somebody else never gets the token of the local one', async () => {
    goTo((await aCheckout()).root);
    await expect(findServer({ url: 'https://given.example' })).rejects.toThrow(
      'No token known for https://given.example. Give --token or set MILLRACE_TOKEN.',
    );
    expect((await findServer({ url: DEMO.url })).server.token).toBe(DEMO.token);
  });
});
