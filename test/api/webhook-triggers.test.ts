import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CreatedHook } from '../../contract/deliveries.ts';
import type { TenantId } from '../../worker/engine/ids.ts';
import { objectName } from '../../worker/objects/names.ts';
import { call, TestTenant } from '../support/workerd/client.ts';

const PIPELINE = `
name: release
variables: [{ name: tag, default: none }]
triggers:
  - webhook:
      hook: releases
      types: [release.published]
      where: [{ path: $.data.channel, equals: stable }]
      variables: { tag: $.data.tag }
stages: [{ name: Wait, actions: [{ name: Go, type: Approval/Manual }] }]
`;

describe('a hook for whoever signs as Standard Webhooks says', () => {
  let tenant: TestTenant;
  let hook: CreatedHook;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    hook = await (await tenant.post('/hooks', { kind: 'standard', name: 'releases' })).json();
    await tenant.save('release', PIPELINE);
  });

  const send = async (id: string, payload: object, secret = hook.secret): Promise<Response> => {
    const body = JSON.stringify(payload);
    const at = new Date();
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    };
    const response = await call(`/api/v1/hooks/${hook.id}`, { method: 'POST', headers, body });
    await env.INBOXES.getByName(objectName.inbox(tenant.id as TenantId, hook.id)).settled(tenant.id as TenantId);
    return response;
  };
  const published = (tag: string, channel = 'stable') => ({ type: 'release.published', data: { tag, channel } });
  const executions = async () =>
    (await tenant.get<{ items: { id: string }[] }>('/pipelines/release/executions')).items.map(({ id }) => id);

  it('has a secret as the libraries for it take it', () => {
    expect(hook.secret).toMatch(/^whsec_/);
  });

  it('starts what has a trigger for it, with variables out of the body', async () => {
    expect((await send('m-1', published('v1'))).status).toBe(202);
    const [id = ''] = await executions();
    expect(await tenant.get(`/executions/${id}`)).toMatchObject({ variables: { tag: 'v1' } });
  });

  it('starts it once, however often the message comes', async () => {
    const before = await executions();
    expect(await (await send('m-1', published('v1'))).json()).toEqual({ id: 'm-1', isNew: false });
    expect(await executions()).toEqual(before);
  });

  it('starts nothing for another type, or where a condition does not hold', async () => {
    const before = await executions();
    await send('m-2', { ...published('v2'), type: 'release.drafted' });
    await send('m-3', published('v3', 'beta'));
    await send('m-4', { type: 'release.published' });
    expect(await executions()).toEqual(before);
    const { items } = await tenant.get<{ items: { id: string; verdicts: { kind: string }[] }[] }>(
      `/deliveries?hook=${hook.id}`,
    );
    expect(items.filter(({ id }) => id !== 'm-1').map(({ verdicts }) => verdicts.map(({ kind }) => kind))).toEqual([
      ['Filtered'],
      ['Filtered'],
      ['Filtered'],
    ]);
  });

  it('believes nobody else', async () => {
    const before = await executions();
    expect((await send('m-5', published('v5'), `whsec_${btoa('another secret')}`)).status).toBe(401);
    expect(await executions()).toEqual(before);
  });
});
