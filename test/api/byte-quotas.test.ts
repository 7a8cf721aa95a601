import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeChunk, type LogWriterReply } from '../../contract/log-frames.ts';
import { Problem } from '../../contract/problem.ts';
import type { TenantId } from '../../worker/engine/ids.ts';
import { ArtifactStore } from '../../worker/storage/artifacts.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { limit, usageOf } from '../support/workerd/quotas.ts';
import { TestRunner } from '../support/workerd/runner.ts';

let tenant: TestTenant;
beforeEach(async () => {
  tenant = await TestTenant.create();
});

async function digestOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `sha256:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

async function put(text: string, digest?: string): Promise<Response> {
  const headers = { 'content-length': String(text.length) };
  return tenant.fetch(`/artifacts/${digest ?? (await digestOf(text))}`, { method: 'PUT', body: text, headers });
}

describe('bytes of artifacts', () => {
  beforeEach(() => limit(tenant, 'artifactBytes', 10));

  it('are taken in up to the limit, and above it nothing is stored', async () => {
    expect((await put('123456')).status).toBe(201);
    const refused = await put('12345');
    expect(Problem.parse(await refused.json())).toMatchObject({
      status: 409,
      code: 'quota_exceeded',
      quota: { name: 'artifactBytes', used: 6, limit: 10 },
      detail:
        'This tenant has 6 bytes of artifacts, and may have 10 bytes. Make artifacts smaller, or ask the operator for more. ' +
        'This one has 5 bytes.',
    });
    expect((await tenant.fetch(`/artifacts/${await digestOf('12345')}`)).status).toBe(404);
    expect((await put('1234')).status).toBe(201);
    expect(await usageOf(tenant, 'artifactBytes')).toEqual({ name: 'artifactBytes', used: 10, limit: 10 });
  });

  it('are counted once for the same content, and not for what was refused', async () => {
    expect((await put('123456')).status).toBe(201);
    expect((await put('123456')).status).toBe(201);
    expect((await put('1234', await digestOf('other'))).status).toBe(422);
    expect(await usageOf(tenant, 'artifactBytes')).toMatchObject({ used: 6 });
    expect((await put('1234')).status).toBe(201);
  });

  it('are counted of sources whose digest nobody has said', async () => {
    await tenant.save(
      'src',
      'name: src\nstages: [{ name: S, actions: [{ name: Up, type: Source/Upload, outputs: [o] }] }, { name: T, actions: [{ name: A, type: Approval/Manual }] }]',
    );
    const upload = (body: string): Promise<Response> =>
      tenant.fetch('/sources/src/Up', {
        method: 'PUT',
        body,
        headers: { 'content-length': String(body.length), 'content-type': 'application/octet-stream' },
      });
    expect((await upload('123456')).status).toBe(201);
    expect(Problem.parse(await (await upload('12345')).json()).code).toBe('quota_exceeded');
    expect(await usageOf(tenant, 'artifactBytes')).toMatchObject({ used: 6 });
  });

  it('are refused before there is an address to upload them to', async () => {
    const digest = await digestOf('large');
    const refused = await tenant.post('/uploads', { digest, sizeBytes: 11 });
    expect(Problem.parse(await refused.json()).code).toBe('quota_exceeded');
    expect((await tenant.post('/uploads', { digest, sizeBytes: 10 })).status).toBe(200);
    expect(await usageOf(tenant, 'artifactBytes')).toMatchObject({ used: 10 });
  });

  it('that are there already are found when nothing has been counted yet', async () => {
    const key = ArtifactStore.key(tenant.id as TenantId, await digestOf('from before'));
    await env.BUCKET.put(key, '12345678');
    expect(Problem.parse(await (await put('123')).json())).toMatchObject({ quota: { used: 8 } });
    expect((await put('12')).status).toBe(201);
  });
});

describe('bytes of logs', () => {
  async function logging(): Promise<{
    send: (offset: number, text: string) => void;
    say: (message: object) => void;
    sealed: () => Promise<Extract<LogWriterReply, { type: 'sealed' }>>;
    read: () => Promise<string>;
    id: string;
  }> {
    await tenant.save('p', 'name: p\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]');
    const runner = await TestRunner.connect(tenant, { slots: 1, work: () => 'silent' });
    const { id } = await tenant.start('p');
    const { token } = await runner.hears('claimed');
    const socket = await tenant.socket('/job/log?new=true', token);
    const replies = messages(socket);
    return {
      id,
      send: (offset, text) => socket.send(encodeChunk(offset, new TextEncoder().encode(text))),
      say: (message) => socket.send(JSON.stringify(message)),
      sealed: async () => {
        for (;;) {
          const reply = JSON.parse((await replies.next()).value as string) as LogWriterReply;
          if (reply.type === 'sealed' && reply.offset > 0) return reply;
        }
      },
      read: async () => (await tenant.fetch(`/executions/${id}/actions/S/a/log`)).text(),
    };
  }

  it('end with a line that says so, and the writer is told that all is well', async () => {
    await limit(tenant, 'logBytes', 10);
    const { send, say, sealed, read, id } = await logging();
    send(0, '12345');
    say({ type: 'seal' });
    expect(await sealed()).toMatchObject({ offset: 5, complete: false });
    send(5, '67890!');
    say({ type: 'seal' });
    expect(await sealed()).toMatchObject({ complete: true });
    send(11, 'what nobody keeps');
    say({ type: 'end', totalBytes: 28 });
    expect(await sealed()).toMatchObject({ complete: true });
    expect(await read()).toBe(
      '12345\nMillrace: the log was cut here, because the tenant may not keep more bytes of logs. The job goes on.\n',
    );
    expect((await tenant.execution(id)).status).toBe('InProgress');
  });

  it('are kept whole up to the limit, and counted', async () => {
    await limit(tenant, 'logBytes', 10);
    const { send, say, sealed, read } = await logging();
    send(0, '1234567890');
    say({ type: 'end', totalBytes: 10 });
    expect(await sealed()).toEqual({ type: 'sealed', offset: 10, complete: true });
    expect(await read()).toBe('1234567890');
    expect(await usageOf(tenant, 'logBytes')).toMatchObject({ used: 10 });
  });

  it('that were set aside for a log that went on are given back at its end', async () => {
    const { send, say, sealed } = await logging();
    send(0, '12345');
    say({ type: 'seal' });
    expect(await sealed()).toMatchObject({ offset: 5 });
    expect(await usageOf(tenant, 'logBytes')).toMatchObject({ used: 4 * 1024 * 1024 });
    send(5, '6789');
    say({ type: 'end', totalBytes: 9 });
    expect(await sealed()).toMatchObject({ offset: 9, complete: true });
    expect(await usageOf(tenant, 'logBytes')).toMatchObject({ used: 9 });
  });
});
