import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStore } from '../../worker/storage/artifacts.ts';
import type { TenantId } from '../../worker/engine/ids.ts';
import { TestTenant } from '../support/workerd/client.ts';

const bytes = new TextEncoder().encode('some bytes');
const DIGEST = 'sha256:7b9bbb5eb4cb1f2a3bf3ba2a2a7c1ab8ba1c5d6f5e9a3a1cf0e0f5b3b0c0d0e0';

async function digestOf(of: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', of));
  return `sha256:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

describe('artifacts', () => {
  let tenant: TestTenant;
  let digest: string;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    digest = await digestOf(bytes);
  });
  const put = (
    under: string,
    body: BodyInit = bytes,
    headers: HeadersInit = { 'content-length': String(bytes.length) },
  ) => tenant.fetch(`/artifacts/${under}`, { method: 'PUT', body, headers });

  it('come back as they went in', async () => {
    expect((await put(digest)).status).toBe(201);
    const response = await tenant.fetch(`/artifacts/${digest}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  it('are refused under a digest that is not theirs, and stay invisible', async () => {
    const refused = await put(DIGEST);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ code: 'digest_mismatch' });
    expect((await tenant.fetch(`/artifacts/${DIGEST}`)).status).toBe(404);
  });

  it('need a digest in the right form, and a length', async () => {
    expect((await tenant.fetch('/artifacts/latest')).status).toBe(422);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    void writable.close();
    const chunked = await put(digest, readable, {});
    expect(await chunked.json()).toMatchObject({ code: 'length_required' });
  });

  it('above 95 MB are sent to R2 directly, with length and checksum signed', async () => {
    const large = await put(DIGEST, bytes, { 'content-length': String(96 * 1024 * 1024) });
    expect(await large.json()).toMatchObject({ code: 'payload_too_large' });
    const prepared = await tenant.post('/uploads', { digest: DIGEST, sizeBytes: 500 * 1024 * 1024 });
    const { upload } = await prepared.json<{ upload: { url: string; headers: Record<string, string> } }>();
    const url = new URL(upload.url);
    expect(url.host).toBe('account.r2.example');
    expect(url.pathname).toBe(`/millrace/${ArtifactStore.key(tenant.id as TenantId, DIGEST)}`);
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;host;if-none-match;x-amz-checksum-sha256',
    );
    expect(upload.headers).toMatchObject({ 'content-length': '524288000', 'if-none-match': '*' });
    const tooLarge = await tenant.post('/uploads', { digest: DIGEST, sizeBytes: 6 * 1024 ** 3 });
    expect(await tooLarge.json()).toMatchObject({ code: 'artifact_too_large' });
  });

  it('that were put there directly are seen only once their bytes have been checked', async () => {
    const direct = new TextEncoder().encode('came another way');
    const own = await digestOf(direct);
    const key = (of: string) => ArtifactStore.key(tenant.id as TenantId, of);
    const confirm = (of: string) => tenant.post(`/uploads/${of}/confirm`, {});
    expect((await confirm(own)).status).toBe(404);
    await env.BUCKET.put(key(own), direct);
    expect((await tenant.fetch(`/artifacts/${own}`)).status).toBe(404);
    expect(await (await confirm(own)).json()).toEqual({ digest: own, sizeBytes: direct.byteLength });
    expect((await tenant.fetch(`/artifacts/${own}`)).status).toBe(200);

    // Other bytes put over them are not covered by that check.
    await env.BUCKET.put(key(own), 'something else');
    expect((await tenant.fetch(`/artifacts/${own}`)).status).toBe(404);
    expect(await (await confirm(own)).json()).toMatchObject({ code: 'digest_mismatch' });
    expect(await env.BUCKET.head(key(own))).toBeNull();
  });

  it('become revisions of a source, with or without a digest said first', async () => {
    await tenant.save(
      'src',
      'name: src\nstages: [{ name: S, actions: [{ name: Up, type: Source/Upload, outputs: [o] }] }]',
    );
    const upload = (headers: HeadersInit, action = 'Up') =>
      tenant.fetch(`/sources/src/${action}?summary=mine`, { method: 'PUT', body: bytes, headers });
    const length = { 'content-type': 'application/gzip', 'content-length': String(bytes.length) };
    expect(await (await upload(length)).json()).toMatchObject({ digest, summary: 'mine' });
    expect(await (await upload({ ...length, 'x-millrace-digest': digest })).json()).toMatchObject({ digest });
    const wrong = await upload({ ...length, 'x-millrace-digest': DIGEST });
    expect(await wrong.json()).toMatchObject({ code: 'digest_mismatch' });
    expect(await (await upload(length, 'Down')).json()).toMatchObject({ code: 'source_action_not_found' });
    const registered = await tenant.fetch('/sources/src/Up', {
      method: 'PUT',
      body: JSON.stringify({ digest }),
      headers: { 'content-type': 'application/json' },
    });
    expect(registered.status).toBe(201);
    const { id } = await tenant.start('src');
    expect(await tenant.ended(id)).toMatchObject({ status: 'Succeeded', artifacts: [{ name: 'o', digest }] });
  });
});
