import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PrepareUpload, THROUGH_WORKER_MAX_BYTES } from '../../../contract/artifacts.ts';
import { downloadArtifact, uploadArtifact } from '../../../cli/src/client/artifacts.ts';
import { Client } from '../../../cli/src/client/client.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { digestOf } from '../../support/cli/test-pool.ts';
import { type Answer, type Asked, TestServer } from '../../support/cli/test-server.ts';

const LARGE = THROUGH_WORKER_MAX_BYTES + 1;

async function serverOf(
  answer: (asked: Asked, url: string) => Answer,
): Promise<{ client: Client; server: TestServer }> {
  const server: TestServer = await TestServer.start({ answer: (asked) => answer(asked, server.url) });
  return { client: new Client({ url: server.url, token: 'the token' }), server };
}

async function aFile(bytes: string): Promise<string> {
  const file = join(await aFolder(), 'file');
  await writeFile(file, bytes);
  return file;
}

/** All zeros, and so a file with a hole: as large as it says without taking the room. */
async function aLargeFile(): Promise<string> {
  const name = join(await aFolder(), 'large');
  const file = await open(name, 'w');
  await file.truncate(LARGE);
  await file.close();
  return name;
}

describe('an artifact', () => {
  it('is downloaded when its bytes are those of its digest', async () => {
    const bytes = Buffer.from('some bytes');
    const { client } = await serverOf(() => ({ status: 200, body: bytes }));
    const target = join(await aFolder(), 'target');
    await downloadArtifact(client, digestOf(bytes), target);
    expect(await readFile(target)).toEqual(bytes);
  });

  it('is refused when they are not', async () => {
    const { client } = await serverOf(() => ({ status: 200, body: Buffer.from('other bytes') }));
    const digest = digestOf(Buffer.from('some bytes'));
    const download = downloadArtifact(client, digest, join(await aFolder(), 'target'));
    await expect(download).rejects.toThrow(
      `The artifact ${digest} arrived as ${digestOf(Buffer.from('other bytes'))}.`,
    );
  });

  it('is uploaded through the Worker, with its length announced', async () => {
    const { client, server } = await serverOf(() => ({ status: 201, body: {} }));
    const digest = digestOf(Buffer.from('some bytes'));
    await uploadArtifact(client, await aFile('some bytes'), { digest, sizeBytes: 10 });
    const [asked] = server.asked;
    expect(asked).toMatchObject({ method: 'PUT', path: `/artifacts/${digest}`, token: 'the token' });
    expect(asked?.header('content-length')).toBe('10');
    expect(asked?.body.toString()).toBe('some bytes');
  });
});

describe('an artifact too large for the Worker', () => {
  let digest: string;
  beforeAll(() => {
    const hash = createHash('sha256');
    for (let left = LARGE; left > 0; left -= 1024 * 1024) hash.update(Buffer.alloc(Math.min(left, 1024 * 1024)));
    digest = `sha256:${hash.digest('hex')}`;
  });

  const prepared = (url: string): Answer => ({
    status: 200,
    body: { digest, upload: { method: 'PUT', url: `${url}/bucket/key`, headers: { 'if-none-match': '*' } } },
  });

  it.each([
    ['straight to R2', 200],
    ['by somebody else in the same moment', 412],
  ])('is uploaded %s, and confirmed', async (_, status) => {
    const { client, server } = await serverOf(({ path }, url) => {
      if (path === '/uploads') return prepared(url);
      return path === '/bucket/key' ? { status } : { status: 200, body: {} };
    });
    await uploadArtifact(client, await aLargeFile(), { digest, sizeBytes: LARGE });
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /uploads',
      'PUT /bucket/key',
      `POST /uploads/${digest}/confirm`,
    ]);
    const [prepare, put] = server.asked;
    expect(PrepareUpload.parse(JSON.parse(prepare?.body.toString() ?? ''))).toEqual({ digest, sizeBytes: LARGE });
    expect(put?.body.byteLength).toBe(LARGE);
    // R2 knows its own signature and nothing of our tokens.
    expect(put?.token).toBe('');
    expect(put?.header('if-none-match')).toBe('*');
  });

  it('is not sent when it is there already', async () => {
    const { client, server } = await serverOf(() => ({ status: 200, body: { digest, upload: null } }));
    await uploadArtifact(client, await aLargeFile(), { digest, sizeBytes: LARGE });
    expect(server.asked.map(({ path }) => path)).toEqual(['/uploads', `/uploads/${digest}/confirm`]);
  });

  it('is not confirmed when R2 refuses it', async () => {
    const { client, server } = await serverOf(({ path }, url) =>
      path === '/uploads' ? prepared(url) : { status: 403, body: 'SignatureDoesNotMatch' },
    );
    const upload = uploadArtifact(client, await aLargeFile(), { digest, sizeBytes: LARGE });
    await expect(upload).rejects.toThrow('R2 refused the upload: SignatureDoesNotMatch');
    expect(server.asked).toHaveLength(2);
  });
});
