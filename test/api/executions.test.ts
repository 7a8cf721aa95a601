import { beforeAll, describe, expect, it } from 'vitest';
import { CloseCode } from '../../contract/close-codes.ts';
import { ExecutionLiveMessage } from '../../contract/live-feed.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const approval = (name: string, mode = 'SUPERSEDED'): string => `
name: ${name}
mode: ${mode}
variables: [{ name: target, default: staging }]
stages:
  - name: First
    actions: [{ name: Ask, type: Approval/Manual, configuration: { CustomData: "to #{variables.target}" } }]
  - name: Second
    actions: [{ name: Again, type: Approval/Manual }]
`;

describe('executions', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
  });

  const approve = (id: string, place: string, more = {}) =>
    tenant.post(`/executions/${id}/approvals/${place}`, { result: 'Approved', ...more });

  it('start once per Idempotency-Key, and refuse the key for another request', async () => {
    await tenant.save('keyed', approval('keyed'));
    const start = (order: unknown) =>
      tenant.post('/pipelines/keyed/executions', order, { 'idempotency-key': 'delivery-1' });
    const first = await (await start({})).json<{ id: string }>();
    const again = await start({});
    expect(again.status).toBe(201);
    expect(await again.json()).toMatchObject({ id: first.id, number: 1 });
    const other = await start({ variables: { target: 'production' } });
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused', status: 409 });
    expect((await tenant.get<{ items: unknown[] }>('/pipelines/keyed/executions')).items).toHaveLength(1);
  });

  it('wait in front of a stage, and the newer one supersedes the older', async () => {
    await tenant.save('lane', approval('lane'));
    const one = await tenant.start('lane');
    const two = await tenant.start('lane');
    const three = await tenant.start('lane');
    expect(await tenant.execution(two.id)).toMatchObject({
      status: 'Superseded',
      stages: expect.anything() as unknown,
    });
    expect(await tenant.execution(three.id)).toMatchObject({ status: 'InProgress', waitingForStage: 'First' });
    const state = await tenant.get<{ stages: { inside: { number: number }[]; inbound: { number: number }[] }[] }>(
      '/pipelines/lane/state',
    );
    expect(state.stages[0]).toMatchObject({ inside: [{ number: 1 }], inbound: [{ number: 3 }] });

    expect((await approve(one.id, 'First/Ask')).status).toBe(200);
    const moved = await tenant.until(three.id, ({ stages }) => stages[0]?.status === 'InProgress');
    expect(moved.waitingForStage).toBeNull();
    const list = await tenant.get<{ items: { number: number; status: string }[] }>('/pipelines/lane/executions');
    expect(list.items.map(({ number }) => number)).toEqual([3, 2, 1]);
  });

  it('are live while they wait to be admitted: their pipeline speaks for them until they begin, or end', async () => {
    await tenant.save('waiting', approval('waiting'));
    const one = await tenant.start('waiting');
    const two = await tenant.start('waiting');
    const feed = messages(await tenant.socket(`/executions/${two.id}/live`));
    expect(await nextView(feed)).toMatchObject({ status: 'InProgress', waitingForStage: 'First' });

    const three = await tenant.start('waiting');
    expect(await nextView(feed)).toMatchObject({
      status: 'Superseded',
      stages: [{ status: null }, { status: null }],
    });
    expect(await feed.next()).toMatchObject({ done: true });

    const socket = await tenant.socket(`/executions/${three.id}/live`);
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    await approve(one.id, 'First/Ask');
    expect(await closed).toBe(CloseCode.Moved);
    const moved = messages(await tenant.socket(`/executions/${three.id}/live?after=0`));
    expect(await nextView(moved)).toMatchObject({ status: 'InProgress', waitingForStage: null });
  });

  it('may be stopped while they wait to be admitted', async () => {
    await tenant.save('stopped', approval('stopped'));
    await tenant.start('stopped');
    const { id } = await tenant.start('stopped');
    const answer = await tenant.post(`/executions/${id}/stop`, { reason: 'too late' });
    expect(answer.status).toBe(202);
    expect(await tenant.execution(id)).toMatchObject({ status: 'Stopped' });
    const refused = await tenant.post(`/executions/${id}/stop`, {});
    expect(await refused.json()).toMatchObject({ code: 'execution_ended' });
  });

  it('abandon their jobs when told so, and end when the runner confirms', async () => {
    await tenant.save('work', 'name: work\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]');
    const runner = await TestRunner.connect(tenant, { id: 'stop-runner', work: () => 'silent' });
    const { id } = await tenant.start('work');
    const { job } = await runner.hears('claimed');
    expect((await tenant.post(`/executions/${id}/stop`, { abandon: true })).status).toBe(202);
    expect(await runner.hears('cancel')).toMatchObject({ job, reason: 'Stopped' });
    expect(await tenant.execution(id)).toMatchObject({ status: 'Stopping' });
    runner.finish(job, { outcome: 'cancelled' });
    const ended = await tenant.ended(id);
    expect(ended).toMatchObject({
      status: 'Stopped',
      stages: [{ status: 'Stopped', actions: [{ status: 'Abandoned' }] }],
    });
    runner.close();
  });

  it('refuse the token of another request for approval', async () => {
    await tenant.save('stale', approval('stale'));
    const { id } = await tenant.start('stale');
    const view = await tenant.execution(id);
    const token = view.stages[0]?.actions[0]?.approval?.token ?? '';
    expect((await approve(id, 'First/Ask', { token })).status).toBe(200);
    const stale = await approve(id, 'Second/Again', { token });
    expect(stale.status).toBe(409);
    expect(await stale.json()).toMatchObject({ code: 'approval_token_stale' });
    const twice = await approve(id, 'First/Ask', { token });
    expect(await twice.json()).toMatchObject({ code: 'approval_not_pending' });
    const nowhere = await approve(id, 'First/Nobody');
    expect(await nowhere.json()).toMatchObject({ code: 'action_not_found', status: 404 });
  });

  it('tell their events, and only those after a sequence when asked', async () => {
    await tenant.save('events', approval('events'));
    const { id } = await tenant.start('events');
    type Events = { items: { seq: number; type: string }[]; nextCursor: string | null };
    const all = await tenant.get<Events>(`/executions/${id}/events`);
    expect(all.items.map(({ type }) => type)).toEqual(['ExecutionBegun', 'StageEntered', 'ApprovalRequested']);
    const later = await tenant.get<Events>(`/executions/${id}/events?after=${all.items[1]?.seq ?? 0}`);
    expect(later.items.map(({ type }) => type)).toEqual(['ApprovalRequested']);
    await approve(id, 'First/Ask');
    const news = await tenant.get<Events>(`/executions/${id}/events?after=${all.items.at(-1)?.seq ?? 0}`);
    expect(news.items[0]).toMatchObject({ type: 'ActionSucceeded' });
    const paged = await tenant.get<Events>(`/executions/${id}/events?limit=2`);
    expect(paged.items).toHaveLength(2);
    const next = await tenant.get<Events>(`/executions/${id}/events?limit=2&cursor=${paged.nextCursor ?? ''}`);
    expect(next.items[0]).toMatchObject({ type: 'ApprovalRequested' });
  });

  it('send a snapshot, then what changes; and after a lost connection, what was missed', async () => {
    await tenant.save('live', approval('live'));
    const { id } = await tenant.start('live');
    const socket = await tenant.socket(`/executions/${id}/live`);
    const feed = messages(socket);
    const hear = async (): Promise<ExecutionLiveMessage> =>
      ExecutionLiveMessage.parse(JSON.parse((await feed.next()).value as string));
    const snapshot = await hear();
    expect(snapshot).toMatchObject({ type: 'snapshot', execution: { id } });
    await approve(id, 'First/Ask', { summary: 'go on' });
    const turn = await hear();
    expect(turn).toMatchObject({
      type: 'turn',
      events: [
        { type: 'ActionSucceeded' },
        { type: 'StageSucceeded' },
        { type: 'StageEntered' },
        { type: 'ApprovalRequested' },
      ],
      stages: [
        { name: 'First', status: 'Succeeded' },
        { name: 'Second', status: 'InProgress' },
      ],
      actions: [
        { stage: 'First', action: { name: 'Ask', summary: 'go on' } },
        { stage: 'Second', action: { name: 'Again' } },
      ],
    });
    socket.close();

    await approve(id, 'Second/Again');
    const resumed = await tenant.socket(`/executions/${id}/live?after=${turn.seq}`);
    const caughtUp = ExecutionLiveMessage.parse(JSON.parse((await messages(resumed).next()).value as string));
    expect(caughtUp).toMatchObject({
      type: 'turn',
      events: [{ type: 'ActionSucceeded' }, { type: 'StageSucceeded' }, { type: 'ExecutionEnded' }],
      execution: { status: 'Succeeded' },
    });
    resumed.close();
  });

  it('show on the home page and on the board as they go', async () => {
    const tenant = await TestTenant.create();
    await tenant.save('seen', approval('seen'));
    const home = messages(await tenant.socket('/live'));
    const board = messages(await tenant.socket('/pipelines/seen/live'));
    await board.next();
    const { id } = await tenant.start('seen');
    expect(JSON.parse((await board.next()).value as string)).toMatchObject({
      type: 'state',
      state: { stages: [{ inside: [{ id }] }, {}] },
    });
    expect(JSON.parse((await home.next()).value as string)).toMatchObject({
      type: 'execution',
      execution: { id, pipeline: 'seen', attention: 'Approval' },
    });
  });
});

describe('pipelines', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
  });

  it('keep every version, save nothing that is there already, and hand back what the author wrote', async () => {
    const yaml = `# why this exists\n${approval('versions').trim()}\n`;
    expect((await tenant.putYaml('versions', yaml)).status).toBe(201);
    const same = await tenant.putYaml('versions', yaml);
    expect([same.status, same.headers.get('etag')]).toEqual([200, '"1"']);
    expect((await tenant.putYaml('versions', yaml.replace('staging', 'production'))).headers.get('etag')).toBe('"2"');
    const versions = await tenant.get<{ items: { version: number; createdBy: string }[] }>(
      '/pipelines/versions/versions',
    );
    expect(versions.items).toMatchObject([{ version: 2, createdBy: 'service' }, { version: 1 }]);
    const asYaml = await tenant.fetch('/pipelines/versions?version=1', { headers: { accept: 'application/yaml' } });
    expect(await asYaml.text()).toBe(yaml);
  });

  it('are saved only over the version that the author has seen', async () => {
    await tenant.save('guarded', approval('guarded'));
    const put = (version: string) =>
      tenant.fetch('/pipelines/guarded', {
        method: 'PUT',
        body: approval('guarded').replace('staging', version.replaceAll('"', '')),
        headers: { 'content-type': 'application/yaml', 'if-match': version },
      });
    expect((await put('"1"')).status).toBe(200);
    expect(await (await put('"1"')).json()).toMatchObject({ code: 'version_conflict', status: 409 });
  });

  it('take JSON as well as YAML', async () => {
    const definition = { name: 'json', stages: [{ name: 'S', actions: [{ name: 'a', commands: ['x'] }] }] };
    const response = await tenant.fetch('/pipelines/json', {
      method: 'PUT',
      body: JSON.stringify(definition),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ name: 'json', mode: 'SUPERSEDED', version: 1 });
  });

  it('leave running executions on the version that they started with', async () => {
    await tenant.save('pinned', approval('pinned'));
    const { id } = await tenant.start('pinned');
    await tenant.save('pinned', approval('pinned').replace('Second', 'Other'));
    const { stages, version } = await tenant.execution(id);
    expect([version, stages.map(({ name }) => name)]).toEqual([1, ['First', 'Second']]);
  });

  it('are not deleted while executions are live, unless these are to be stopped', async () => {
    await tenant.save('doomed', approval('doomed'));
    const { id } = await tenant.start('doomed');
    const waiting = await tenant.start('doomed');
    const refused = await tenant.fetch('/pipelines/doomed', { method: 'DELETE' });
    expect(await refused.json()).toMatchObject({ code: 'pipeline_busy', executions: [id, waiting.id] });
    const deleted = await tenant.fetch('/pipelines/doomed?stop=true', { method: 'DELETE' });
    expect(await deleted.json()).toEqual({ stopping: [id, waiting.id] });
    expect((await tenant.fetch('/pipelines/doomed')).status).toBe(404);
    expect((await tenant.ended(id)).status).toBe('Stopped');
    // The name is free at once, and the new one has nothing of the old.
    await tenant.save('doomed', approval('doomed'));
    expect((await tenant.start('doomed')).number).toBe(1);
  });

  it('are listed by name, page by page', async () => {
    const own = await TestTenant.create();
    for (const name of ['c', 'a', 'b']) await own.save(name, approval(name));
    type Page = { items: { name: string; stages: string[] }[]; nextCursor: string | null };
    const first = await own.get<Page>('/pipelines?limit=2');
    expect(first.items.map(({ name }) => name)).toEqual(['a', 'b']);
    const second = await own.get<Page>(`/pipelines?limit=2&cursor=${encodeURIComponent(first.nextCursor ?? '')}`);
    expect(second).toMatchObject({ items: [{ name: 'c', stages: ['First', 'Second'] }], nextCursor: null });
  });
});

async function nextView(feed: AsyncGenerator<string | ArrayBuffer>) {
  const { value } = await feed.next();
  return ExecutionLiveMessage.parse(JSON.parse(value as string)).execution;
}
