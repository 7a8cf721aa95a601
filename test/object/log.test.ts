import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeChunk, encodeChunk, type LogWriterReply } from '../../contract/log-frames.ts';
import type { JobId, TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const text = (of: string): Uint8Array => new TextEncoder().encode(of);

/** A runner's end of a log socket. */
class Writer {
  readonly socket: WebSocket;
  readonly replies: AsyncGenerator<string | ArrayBuffer>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.replies = messages(socket);
  }

  send(offset: number, bytes: string): void {
    this.socket.send(encodeChunk(offset, text(bytes)));
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async hears<Type extends LogWriterReply['type']>(type: Type): Promise<Extract<LogWriterReply, { type: Type }>> {
    for (;;) {
      const { value, done } = await this.replies.next();
      if (done === true) throw new Error(`never heard ${type}`);
      const reply = JSON.parse(value as string) as LogWriterReply;
      if (reply.type === type) return reply as Extract<LogWriterReply, { type: Type }>;
    }
  }
}

describe('the log of an attempt', () => {
  let tenant: TestTenant;
  let runner: TestRunner;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save('p', 'name: p\nmode: PARALLEL\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]');
    runner = await TestRunner.connect(tenant, { slots: 50, work: () => 'silent' });
  });

  const begin = async () => {
    const { id } = await tenant.start('p');
    const { job, token } = await runner.hears('claimed');
    const open = async (isNew: boolean): Promise<Writer> => {
      const writer = new Writer(await tenant.socket(`/job/log?new=${isNew}`, token));
      return writer;
    };
    const path = `/executions/${id}/actions/S/a/log`;
    const read = async () => (await tenant.fetch(path)).text();
    const object = env.LOGS.getByName(objectName.log(tenant.id as TenantId, job as JobId));
    return { id, job, open, path, read, object };
  };

  it('can be read while it is written, and after', async () => {
    const { open, read } = await begin();
    const writer = await open(true);
    await writer.hears('resend');
    writer.send(0, 'one\n');
    writer.send(4, 'two\n');
    writer.say({ type: 'seal' });
    expect(await writer.hears('sealed')).toEqual({ type: 'sealed', offset: 8, complete: false });
    writer.send(8, 'three\n');
    while (!(await read()).endsWith('three\n'));
    writer.say({ type: 'end', totalBytes: 14 });
    expect(await writer.hears('sealed')).toEqual({ type: 'sealed', offset: 14, complete: true });
    expect(await read()).toBe('one\ntwo\nthree\n');
  });

  it('takes what comes twice once, and asks for what is missing', async () => {
    const { open, read } = await begin();
    const writer = await open(true);
    await writer.hears('resend');
    writer.send(0, 'abc');
    writer.send(0, 'abc');
    writer.send(1, 'bcde');
    writer.send(9, 'too far');
    expect(await writer.hears('resend')).toEqual({ type: 'resend', offset: 5 });
    writer.say({ type: 'end', totalBytes: 7 });
    expect(await writer.hears('resend')).toEqual({ type: 'resend', offset: 5 });
    writer.send(5, 'fg');
    expect(await writer.hears('sealed')).toMatchObject({ offset: 7, complete: true });
    expect(await read()).toBe('abcdefg');
  });

  it('reaches its watchers from the byte they ask for, sealed or not, and says when it is over', async () => {
    const { open, path } = await begin();
    const writer = await open(true);
    await writer.hears('resend');
    writer.send(0, 'sealed ');
    writer.say({ type: 'seal' });
    while ((await writer.hears('sealed')).offset < 7);
    writer.send(7, 'live ');
    const watcher = messages(await tenant.socket(`${path}/live?after=3`));
    let seen = '';
    const see = async (): Promise<string> => {
      const message = (await watcher.next()).value as string | ArrayBuffer;
      if (typeof message === 'string') return message;
      const chunk = decodeChunk(message);
      expect(chunk?.offset).toBe(3 + seen.length);
      seen += new TextDecoder().decode(chunk?.bytes);
      return seen;
    };
    while ((await see()) !== 'led live ');
    writer.send(12, 'later');
    expect(await see()).toBe('led live later');
    writer.say({ type: 'end', totalBytes: 17 });
    expect(JSON.parse(await see())).toEqual({ type: 'end', totalBytes: 17 });
  });

  it('asks the runner for what it had in memory when that is gone', async () => {
    const { open, read, object } = await begin();
    const writer = await open(true);
    await writer.hears('resend');
    writer.send(0, 'kept');
    writer.say({ type: 'seal' });
    while ((await writer.hears('sealed')).offset < 4);
    writer.send(4, ' forgotten');
    while (!(await read()).endsWith('forgotten'));
    await evictDurableObject(object, { webSockets: 'hibernate' });
    writer.send(14, ' next');
    expect(await writer.hears('resend')).toEqual({ type: 'resend', offset: 4 });
    writer.send(4, ' forgotten next');
    writer.say({ type: 'end', totalBytes: 19 });
    while (!(await writer.hears('sealed')).complete);
    expect(await read()).toBe('kept forgotten next');
  });

  it('keeps what it has when its runner goes, and tells the next one how far it is', async () => {
    const { open } = await begin();
    const writer = await open(true);
    await writer.hears('resend');
    writer.send(0, 'half');
    writer.socket.close(1000, 'gone');
    let again = await open(false);
    // The close may still be on its way; its log is sealed with it.
    while ((await again.hears('sealed')).offset < 4) again = await open(false);
  });

  it('is sealed in segments of a megabyte, whatever the pieces', async () => {
    const { open, read, job } = await begin();
    const writer = await open(true);
    await writer.hears('resend');
    const piece = 'x'.repeat(65_535) + '\n';
    for (let index = 0; index < 40; index += 1) writer.send(index * piece.length, piece);
    writer.say({ type: 'end', totalBytes: 40 * piece.length });
    while (!(await writer.hears('sealed')).complete);
    expect((await read()).length).toBe(40 * piece.length);
    const { objects } = await env.BUCKET.list({ prefix: `t/${tenant.id}/logs/${job}/` });
    expect(objects.length).toBeGreaterThanOrEqual(2);
    expect(objects.length).toBeLessThanOrEqual(4);
  });

  it('of an attempt that there was not, or that needs no runner, is not found', async () => {
    const { path } = await begin();
    expect((await tenant.fetch(`${path}?attempt=7`)).status).toBe(404);
    expect((await tenant.fetch(path.replace('/a/', '/b/'))).status).toBe(404);
  });
});
