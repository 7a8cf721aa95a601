import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionSummary } from '../../contract/executions.ts';
import type { Reconciliation } from '../../contract/reconcile.ts';
import type { ExecutionId, TenantId } from '../../worker/engine/ids.ts';
import worker from '../../worker/main.ts';
import { objectName } from '../../worker/objects/names.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { DatabaseOutage } from '../support/workerd/database-outage.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ASK = `
name: ask
mode: PARALLEL
stages:
  - name: First
    actions: [{ name: ok, type: Approval/Manual }]
  - name: Second
    actions: [{ name: ok, type: Approval/Manual }]
`;

type Sums = Omit<Reconciliation, 'nextCursor'>;

describe('the index', () => {
  let tenant: TestTenant;
  let outage: DatabaseOutage | undefined;

  const objectOf = (id: string) =>
    env.EXECUTIONS.getByName(objectName.execution(tenant.id as TenantId, id as ExecutionId));
  const alarmOf = (id: string) => runInDurableObject(objectOf(id), (_, { storage }) => storage.getAlarm());
  const rowOf = (id: string) =>
    env.DB.prepare('SELECT * FROM execution WHERE tenant_id = ? AND id = ?').bind(tenant.id, id).first();
  const listed = async (): Promise<ExecutionSummary[]> =>
    (await tenant.get<{ items: ExecutionSummary[] }>('/executions')).items;
  const approve = (id: string, stage: string) =>
    tenant.post(`/executions/${id}/approvals/${stage}/ok`, { result: 'Approved' });
  const sweep = () => worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);

  beforeEach(async () => {
    tenant = await TestTenant.create();
    await tenant.save('ask', ASK);
  });
  afterEach(() => {
    outage?.end();
    outage = undefined;
    vi.useRealTimers();
  });

  function later(ms: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  }

  async function ended(): Promise<string> {
    const { id } = await tenant.start('ask');
    await approve(id, 'First');
    await approve(id, 'Second');
    await tenant.ended(id);
    await atRest(id);
    return id;
  }

  /** Started, and something of the pipeline has come into the index. */
  async function indexed(pipeline: string): Promise<string> {
    const home = messages(await tenant.socket('/live'));
    const { id } = await tenant.start(pipeline);
    await home.next();
    return id;
  }

  async function atRest(id: string): Promise<void> {
    while (((await alarmOf(id)) ?? 0) < Date.now() + DAY);
  }

  async function reconcile(fix = false, limit = 2): Promise<Sums> {
    const sums: Sums = { compared: 0, equal: 0, pending: 0, different: 0, fixed: 0, differences: [] };
    for (let cursor: string | null = null; ;) {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await tenant.post(`/reconcile?limit=${limit}&fix=${fix}${query}`, {});
      expect(answer.status).toBe(200);
      const page: Reconciliation = await answer.json();
      for (const key of ['compared', 'equal', 'pending', 'different', 'fixed'] as const) sums[key] += page[key];
      sums.differences.push(...page.differences);
      cursor = page.nextCursor;
      if (cursor === null) return sums;
    }
  }

  it('says what is true once D1 is back, whatever happened meanwhile', async () => {
    const home = messages(await tenant.socket('/live'));
    outage = DatabaseOutage.begin();
    const one = await tenant.start('ask');
    const two = await tenant.start('ask');
    await outage.hasRefused(2);
    await approve(one.id, 'First');
    await approve(one.id, 'Second');
    // Nobody has to wait for D1.
    expect(await tenant.ended(one.id)).toMatchObject({ status: 'Succeeded' });
    await approve(two.id, 'First');
    for (const { id } of [one, two]) {
      later(2 * MINUTE);
      const { refused } = outage;
      await runDurableObjectAlarm(objectOf(id));
      await outage.hasRefused(refused + 1);
    }
    expect(await listed()).toEqual([]);

    outage.end();
    for (const { id } of [one, two]) {
      later(2 * MINUTE);
      await runDurableObjectAlarm(objectOf(id));
      await home.next();
    }
    expect((await listed()).map(({ number, status, stage }) => [number, status, stage]).sort()).toEqual([
      [1, 'Succeeded', 'Second'],
      [2, 'InProgress', 'Second'],
    ]);
    expect(await reconcile()).toMatchObject({ different: 0, pending: 0, equal: 2, differences: [] });
  });

  describe('when a row says that an execution lives', () => {
    const revive = (id: string, more = '') =>
      env.DB.prepare(`UPDATE execution SET status = 'InProgress', ended_at = NULL${more} WHERE id = ?`)
        .bind(id)
        .run();

    it('and it has ended, is put right by the sweeper', async () => {
      const id = await ended();
      const before = await rowOf(id);
      await revive(id, ', seq = seq - 1');
      await sweep();
      expect(await rowOf(id)).toMatchObject({ status: 'Succeeded', ended_at: before?.['ended_at'] });
    });

    it('and it has ended, and the row claims to be newer, is put right all the same', async () => {
      const id = await ended();
      await revive(id, ', seq = seq + 100');
      await sweep();
      expect(await rowOf(id)).toMatchObject({ status: 'Succeeded' });
      expect(await reconcile()).toMatchObject({ equal: 1, different: 0 });
    });

    it('and it lies in the archive, is put right from there', async () => {
      const id = await ended();
      later(8 * DAY);
      await runDurableObjectAlarm(objectOf(id));
      await revive(id);
      await sweep();
      expect(await rowOf(id)).toMatchObject({ status: 'Succeeded' });
    });

    it('and it is gone, ends the row', async () => {
      const id = await ended();
      await objectOf(id).forget(tenant.id as TenantId);
      await revive(id);
      await sweep();
      expect(await rowOf(id)).toMatchObject({ status: 'Cancelled', attention: null });
      expect((await rowOf(id))?.['ended_at']).not.toBeNull();
    });

    it('and it does, is left alone', async () => {
      const id = await indexed('ask');
      const before = await rowOf(id);
      await sweep();
      expect(await rowOf(id)).toEqual(before);
    });
  });

  describe('held against the executions', () => {
    it('is equal, and says over how many', async () => {
      await ended();
      const archived = await ended();
      await ended();
      later(8 * DAY);
      await runDurableObjectAlarm(objectOf(archived));
      expect(await reconcile()).toEqual({
        compared: 3,
        equal: 3,
        pending: 0,
        different: 0,
        fixed: 0,
        differences: [],
      });
    });

    it('tells every field that differs, changes nothing unless told so, and is equal afterwards', async () => {
      const [one, two, three] = [await ended(), await ended(), await ended()];
      later(8 * DAY);
      await runDurableObjectAlarm(objectOf(two));
      await env.DB.prepare("UPDATE execution SET status = 'Failed', stage = 'Nowhere' WHERE id = ?").bind(one).run();
      await env.DB.prepare('UPDATE execution SET seq = 1000, ended_at = 5 WHERE id = ?').bind(two).run();
      await env.DB.prepare('UPDATE execution SET branch = ? WHERE id = ?').bind('main', three).run();
      const rows = await Promise.all([one, two, three].map(rowOf));
      const found = await reconcile();
      expect(found).toMatchObject({ compared: 3, equal: 0, different: 3, fixed: 0 });
      const byId = new Map(found.differences.map((difference) => [difference.execution, difference]));
      expect(byId.get(one)).toMatchObject({
        kind: 'Different',
        pipeline: 'ask',
        number: 1,
        fixed: false,
        fields: [
          { field: 'status', index: 'Failed', object: 'Succeeded' },
          { field: 'stage', index: 'Nowhere', object: 'Second' },
        ],
      });
      expect(byId.get(two)?.fields.map(({ field }) => field)).toEqual(['endedAt', 'seq']);
      expect(byId.get(three)?.fields).toEqual([{ field: 'branch', index: 'main', object: null }]);
      expect(await Promise.all([one, two, three].map(rowOf))).toEqual(rows);

      expect(await reconcile(true)).toMatchObject({ compared: 3, different: 3, fixed: 3 });
      expect(await reconcile()).toMatchObject({ compared: 3, equal: 3, different: 0 });
    });

    it('finds the rows that are missing, of archived and of live executions', async () => {
      const live = await indexed('ask');
      const archived = await ended();
      later(8 * DAY);
      await runDurableObjectAlarm(objectOf(archived));
      vi.useRealTimers();
      await env.DB.prepare('DELETE FROM execution WHERE tenant_id = ?').bind(tenant.id).run();
      const found = await reconcile(true);
      expect(found).toMatchObject({ different: 2, fixed: 2 });
      expect(found.differences.map(({ kind, execution }) => [kind, execution]).sort()).toEqual(
        [
          ['Missing', archived],
          ['Missing', live],
        ].sort(),
      );
      expect(await reconcile()).toMatchObject({ compared: 2, equal: 2, different: 0 });
    });

    it('says so when nothing but the row is left', async () => {
      const id = await ended();
      await objectOf(id).forget(tenant.id as TenantId);
      expect(await reconcile(true)).toMatchObject({
        different: 1,
        fixed: 0,
        differences: [{ kind: 'Gone', execution: id, fixed: false }],
      });
    });

    it('takes those that never had an object at their word', async () => {
      await tenant.save('lane', ASK.replace('name: ask', 'name: lane').replace('PARALLEL', 'SUPERSEDED'));
      await indexed('lane');
      const { id } = await tenant.start('lane');
      await indexed('lane');
      expect(await rowOf(id)).toMatchObject({ status: 'Superseded', seq: 1 });
      expect(await reconcile()).toMatchObject({ equal: 2, different: 0, differences: [] });
    });

    it('is each tenant’s own', async () => {
      await ended();
      const other = await TestTenant.create();
      const answer = await other.post('/reconcile', {});
      expect(await answer.json()).toMatchObject({ compared: 0 });
    });

    it('refuses a cursor that is none', async () => {
      const answer = await tenant.post(`/reconcile?cursor=${btoa('["elsewhere 5"]')}`, {});
      expect(await answer.json()).toMatchObject({ code: 'bad_request' });
    });
  });
});
