import { env } from 'cloudflare:workers';
import { TextReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { packTar, type TarEntry, unpackTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../worker/engine/ids.ts';
import { ArtifactStore } from '../../worker/storage/artifacts.ts';
import { SourceArchives, type SourceBytes } from '../../worker/storage/source-archives.ts';

const tenant = 'archives' as TenantId;
const artifacts = new ArtifactStore(env.BUCKET);
let ids = 0;
const archives = new SourceArchives(env.BUCKET, artifacts, () => `${(ids += 1)}`);
const take = (source: SourceBytes, maxBytes = 64 * 2 ** 20) => archives.take(tenant, source, maxBytes);
const MTIME = new Date('2026-05-01T00:00:00Z');

const file = (name: string, body: string, mode = 0o664): TarEntry => ({
  header: { name, size: new TextEncoder().encode(body).byteLength, mode, mtime: MTIME, uname: 'git' },
  body,
});

async function tarball(entries: readonly TarEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const gzipped = new Blob([await packTar(entries)]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(gzipped).arrayBuffer());
}

const tarSource = (bytes: Uint8Array<ArrayBuffer>, topFolder = true): SourceBytes => ({
  body: new Blob([bytes]).stream(),
  format: 'tar.gz',
  topFolder,
});

async function zipball(files: Readonly<Record<string, string>>): Promise<SourceBytes> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, text] of Object.entries(files)) await zip.add(name, new TextReader(text));
  return { body: new Blob([await zip.close()]).stream(), format: 'zip' };
}

it('is not stored where the tenant has no room for it', async () => {
  const asked: number[] = [];
  const full = new SourceArchives(
    env.BUCKET,
    artifacts,
    () => `full-${(ids += 1)}`,
    (_, bytes) => {
      asked.push(bytes);
      return Promise.reject(new Error('no room'));
    },
  );
  const source = { ...tarSource(await tarball([file('top/a', 'only there')])) };
  await expect(full.take('full' as TenantId, source, 2 ** 20)).rejects.toThrow('no room');
  expect(asked).toHaveLength(1);
  expect((await env.BUCKET.list({ prefix: 't/full/' })).objects).toEqual([]);
});

async function unpacked(digest: string) {
  const object = await artifacts.read(tenant, digest);
  const entries = await unpackTar(object!.body.pipeThrough(new DecompressionStream('gzip')));
  return Object.fromEntries(
    entries.map(({ header, data }) => [
      header.name,
      {
        type: header.type,
        mode: header.mode?.toString(8),
        text: new TextDecoder().decode(data),
        to: header.linkname,
      },
    ]),
  );
}

describe('a tarball of a host', () => {
  const long = `${'deep/'.repeat(40)}leaf.txt`;

  it('is taken in without the folder that the host has put around it', async () => {
    const bytes = await tarball([
      { header: { name: 'pax_global_header', type: 'pax-global-header', size: 0, pax: { comment: 'c0ffee' } } },
      { header: { name: 'shop-c0ffee/', type: 'directory', size: 0, mode: 0o775 } },
      file('shop-c0ffee/run.sh', 'echo hi', 0o775),
      file(`shop-c0ffee/${long}`, 'ünïcode'),
      { header: { name: 'shop-c0ffee/link', type: 'symlink', size: 0, linkname: 'run.sh' } },
    ]);
    const { digest, sizeBytes } = await take(tarSource(bytes));
    expect(await artifacts.size(tenant, digest)).toBe(sizeBytes);
    expect(await unpacked(digest)).toMatchObject({
      'run.sh': { mode: '755', text: 'echo hi' },
      [long]: { mode: '644', text: 'ünïcode' },
      link: { type: 'symlink', to: 'run.sh' },
    });
    expect((await env.BUCKET.list({ prefix: `t/${tenant}/incoming/` })).objects).toEqual([]);
  });

  it('has one digest, whenever it was packed and whatever in', async () => {
    const one = await take(tarSource(await tarball([file('a-1/x', '1'), file('a-1/y/z', '2')])));
    const other = await take(tarSource(await tarball([file('b-2/x', '1'), file('b-2/y/z', '2')])));
    const zipped = await take(await zipball({ x: '1', 'y/z': '2' }));
    expect(other).toEqual(one);
    expect(zipped).toEqual(one);
  });

  it('loses what would lead out of it', async () => {
    const { digest } = await take(tarSource(await tarball([file('a/../../etc/passwd', 'x'), file('a/ok', 'y')])));
    expect(Object.keys(await unpacked(digest))).toEqual(['ok']);
  });

  it('that is cut short is refused, and leaves nothing behind', async () => {
    const bytes = await tarball([file('a/x', 'x'.repeat(100_000)), file('a/y', 'y')]);
    await expect(take(tarSource(bytes.slice(0, -40)))).rejects.toThrow();
    await expect(take(tarSource(new Uint8Array([1, 2, 3])))).rejects.toThrow();
    expect((await env.BUCKET.list({ prefix: `t/${tenant}/incoming/` })).objects).toEqual([]);
  });

  it('of many megabytes goes through in parts', async () => {
    const noise = crypto.getRandomValues.bind(crypto);
    const body = new Uint8Array(9 * 2 ** 20);
    for (let at = 0; at < body.length; at += 65_536) noise(body.subarray(at, at + 65_536));
    const bytes = await tarball([{ header: { name: 'a/noise', size: body.length }, body }]);
    const { sizeBytes, digest } = await take(tarSource(bytes));
    expect(sizeBytes).toBeGreaterThan(9 * 2 ** 20);
    expect(await artifacts.size(tenant, digest)).toBe(sizeBytes);
    await expect(take(tarSource(bytes), 9 * 2 ** 20)).rejects.toThrow(/larger than 9 MiB.*CLONE_REF/);
  }, 60_000);
});

it('takes in a file that is no archive as a tree of one', async () => {
  const body = new Blob(['{"a":1}']).stream();
  const { digest } = await take({ body, format: 'file', name: 'config.json' });
  expect(await unpacked(digest)).toMatchObject({ 'config.json': { text: '{"a":1}' } });
});
