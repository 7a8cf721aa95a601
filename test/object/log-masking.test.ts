import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { encodeChunk, type LogWriterReply } from '../../contract/log-frames.ts';
import type { JobId, TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const SECRET = 'a-secret-of-24-characters'.slice(0, 24);
const DEFINITION = 'name: p\nstages: [{ name: S, actions: [{ name: a, commands: [x], secrets: { T: t } }] }]';

it('seals and acknowledges only what is no beginning of a secret, and goes on there after it was forgotten', async () => {
  const tenant = await TestTenant.create();
  await tenant.save('p', DEFINITION);
  const body = JSON.stringify({ value: SECRET });
  const headers = { 'content-type': 'application/json' };
  expect((await tenant.fetch('/secrets/t', { method: 'PUT', body, headers })).status).toBe(200);
  const runner = await TestRunner.connect(tenant, { work: () => 'silent' });
  const { id } = await tenant.start('p');
  const { job, token } = await runner.hears('claimed');
  const text = new TextEncoder().encode(`before ${SECRET} after ${SECRET.slice(0, 9)}`);

  const open = async (isNew: boolean) => {
    const socket = await tenant.socket(`/job/log?new=${isNew}`, token);
    const replies = messages(socket);
    const hears = async (type: LogWriterReply['type']): Promise<LogWriterReply> => {
      for (;;) {
        const { value, done } = await replies.next();
        if (done === true) throw new Error(`never heard ${type}`);
        const heard = JSON.parse(value as string) as LogWriterReply;
        if (heard.type === type) return heard;
      }
    };
    return { socket, hears };
  };

  const first = await open(true);
  await first.hears('resend');
  first.socket.send(encodeChunk(0, text.subarray(0, 20)));
  first.socket.send(JSON.stringify({ type: 'seal' }));
  expect(await first.hears('sealed')).toEqual({ type: 'sealed', offset: 7, complete: false });
  first.socket.close();
  await evictDurableObject(env.LOGS.getByName(objectName.log(tenant.id as TenantId, job as JobId)));

  const second = await open(false);
  expect(await second.hears('resend')).toEqual({ type: 'resend', offset: 7 });
  // A value that was replaced while the job has it is masked all the same.
  const replaced = JSON.stringify({ value: 'another value by now' });
  expect((await tenant.fetch('/secrets/t', { method: 'PUT', body: replaced, headers })).status).toBe(200);
  second.socket.send(encodeChunk(7, text.subarray(7)));
  second.socket.send(JSON.stringify({ type: 'end', totalBytes: text.length }));
  let sealed = await second.hears('sealed');
  while (sealed.type === 'sealed' && !sealed.complete) sealed = await second.hears('sealed');
  expect(sealed).toEqual({ type: 'sealed', offset: text.length, complete: true });
  const log = await (await tenant.fetch(`/executions/${id}/actions/S/a/log`)).text();
  expect(log).toBe(`before ${'*'.repeat(24)} after ${SECRET.slice(0, 9)}`);
  second.socket.close();
});
