import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionSummary } from '../../contract/executions.ts';
import type { ExecutionId, PipelineId, TenantId } from '../../worker/engine/ids.ts';
import type { ExecutionSummary as Summary } from '../../worker/engine/summary.ts';
import { database } from '../../worker/storage/database.ts';
import type { ExecutionFilter } from '../../worker/storage/execution-filter.ts';
import { executionQueries, listQuery, ofPipelineQuery } from '../../worker/storage/executions.ts';
import { TestTenant } from '../support/workerd/client.ts';

type Page = { items: ExecutionSummary[]; nextCursor: string | null };

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 5, 9);
const at = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

const one: Omit<Summary, 'tenant' | 'id' | 'number' | 'startedAt'> = {
  pipeline: { id: 'pipe00000001' as PipelineId, name: 'shop', version: 1 },
  seq: 5,
  status: 'Succeeded',
  trigger: { type: 'StartPipelineExecution', by: 'ada' },
  stage: 'Ship',
  attention: null,
  revision: 'a1b2c3d Greet politely',
  kind: 'STANDARD',
  origin: null,
  branch: 'main',
  revisionId: '0f1e2d3c4b5a',
  revisionDigest: `sha256:${'ab'.repeat(32)}`,
  endedAt: T0 + 100 * MINUTE,
};

describe('lists of executions', () => {
  const index = executionQueries(database(env.DB));
  let tenant: TestTenant;
  let other: TestTenant;

  const publish = (number: number, more: Partial<Summary> = {}, of = tenant) =>
    index.publish(of.id as TenantId, {
      ...one,
      tenant: of.id as TenantId,
      id: `pipe00000001-${String(number).padStart(16, '0')}` as ExecutionId,
      number,
      startedAt: T0 + number * MINUTE,
      ...more,
    });
  const numbers = async (query: string): Promise<number[]> =>
    (await tenant.get<Page>(`/executions?${query}`)).items.map(({ number }) => number);

  beforeAll(async () => {
    tenant = await TestTenant.create();
    other = await TestTenant.create();
    await publish(1);
    await publish(2, { status: 'Failed', stage: 'Build' });
    await publish(3, { status: 'Stopped', trigger: { type: 'Webhook', by: 'push' }, branch: 'topic' });
    await publish(4, { status: 'Superseded', branch: null, revision: null, revisionId: null, revisionDigest: null });
    await publish(5, { status: 'InProgress', endedAt: null, attention: 'Approval', stage: 'Sign' });
    await publish(6, { status: 'Stopping', endedAt: null, stage: 'Build', trigger: { type: 'Webhook', by: 'ada' } });
    await publish(7, {
      kind: 'ROLLBACK',
      origin: 'pipe00000001-0000000000000001' as ExecutionId,
      revisionId: 'ffff',
    });
    await publish(8, { status: 'Failed' }, other);
  });

  it.each([
    ['', [7, 6, 5, 4, 3, 2, 1]],
    ['status=Failed', [2]],
    ['status=Failed&status=Stopped&status=Superseded', [4, 3, 2]],
    ['status=Succeeded&status=Failed', [7, 2, 1]],
    ['status=InProgress&status=Stopping', [6, 5]],
    ['trigger=Webhook', [6, 3]],
    ['by=ada&trigger=Webhook', [6]],
    ['branch=topic', [3]],
    ['branch=main&status=Failed', [2]],
    ['revision=0F1E', [6, 5, 3, 2, 1]],
    ['revision=abab&branch=main&status=Succeeded', [7, 1]],
    ['revision=sha256:ab&branch=topic', [3]],
    ['revision=a1b2c3d&stage=Build', [6, 2]],
    ['revision=greet', []],
    ['revision=%25', []],
    [`from=${at(3)}&to=${at(5)}`, [4, 3]],
    [`from=${at(3)}&status=Stopping`, [6]],
    ['stage=Build', [6, 2]],
    ['attention=Approval', [5]],
    ['attention=Hold', []],
  ])('"%s" finds %j', async (query, found) => {
    expect(await numbers(query)).toEqual(found);
  });

  it('show what was searched for', async () => {
    const { items } = await tenant.get<Page>('/executions?limit=1');
    expect(items).toMatchObject([
      {
        number: 7,
        kind: 'ROLLBACK',
        origin: 'pipe00000001-0000000000000001',
        branch: 'main',
        revisionId: 'ffff',
        trigger: { type: 'StartPipelineExecution', by: 'ada' },
      },
    ]);
  });

  it.each([
    ['status=Broken', 'status'],
    ['from=yesterday', 'from'],
    ['attention=Yes', 'attention'],
    ['limit=0', 'limit'],
  ])('"%s" is refused, naming the place', async (query, path) => {
    const response = await tenant.fetch(`/executions?${query}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  });

  it('refuse a cursor that is none', async () => {
    for (const cursor of ['nonsense', btoa('[17]'), btoa('["x"]')]) {
      const response = await tenant.fetch(`/executions?cursor=${encodeURIComponent(cursor)}`);
      expect(await response.json()).toMatchObject({ code: 'bad_request', status: 400 });
    }
  });

  it('go on where the last page ended, whatever has been started since', async () => {
    const own = await TestTenant.create();
    for (const number of [1, 2, 3, 4, 5]) await publish(number, {}, own);
    // Two of the same instant, and the page ends between them.
    await publish(6, { startedAt: T0 + 5 * MINUTE }, own);
    const seen: number[] = [];
    let cursor: string | null = null;
    for (let more = 10; ; more += 1) {
      const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page = await own.get<Page>(`/executions?limit=1${query}`);
      seen.push(...page.items.map(({ number }) => number));
      cursor = page.nextCursor;
      if (cursor === null) break;
      await publish(more, {}, own);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('take a newer summary even if it un-ends the execution, and never an older one', async () => {
    const own = await TestTenant.create();
    const list = async (query: string) =>
      (await own.get<Page>(`/executions?${query}`)).items.map(({ number, status, endedAt }) => [
        number,
        status,
        endedAt,
      ]);
    await publish(1, { seq: 10, status: 'Failed' }, own);
    await publish(1, { seq: 12, status: 'InProgress', endedAt: null, stage: 'Again' }, own);
    await publish(1, { seq: 11, status: 'Stopped' }, own);
    expect(await list('status=Failed&status=Stopped')).toEqual([]);
    expect(await list('status=InProgress&stage=Again')).toEqual([[1, 'InProgress', null]]);
    await publish(1, { seq: 20, status: 'Succeeded' }, own);
    expect(await list('status=InProgress')).toEqual([]);
    expect(await list('')).toEqual([[1, 'Succeeded', at(100)]]);
  });

  describe('of one pipeline', () => {
    const ASK = 'stages: [{ name: Ask, actions: [{ name: ok, type: Approval/Manual }] }]';

    it('hold those that still wait to be admitted, on every page, if they are looked for', async () => {
      await tenant.save('lane', `name: lane\nmode: QUEUED\n${ASK}`);
      const started = [];
      for (let count = 0; count < 4; count += 1) started.push(await tenant.start('lane'));
      const list = async (query: string) => {
        const page = await tenant.get<Page>(`/pipelines/lane/executions?${query}`);
        return { numbers: page.items.map(({ number }) => number), next: encodeURIComponent(page.nextCursor ?? '') };
      };
      const first = await list('limit=2');
      expect(first.numbers).toEqual([4, 3]);
      const second = await list(`limit=2&cursor=${first.next}`);
      expect(second).toEqual({ numbers: [2, 1], next: '' });
      expect((await list('status=InProgress&by=service')).numbers).toEqual([4, 3, 2, 1]);
      expect((await list('status=Failed')).numbers).toEqual([]);
      expect((await list('by=nobody')).numbers).toEqual([]);
      expect((await list(`from=${new Date(Date.now() + MINUTE).toISOString()}`)).numbers).toEqual([]);
    });
  });

  describe('use an index', () => {
    const db = database(env.DB);
    const planOf = async ({ sql, params }: { sql: string; params: unknown[] }): Promise<string> => {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...params)
        .all<{ detail: string }>();
      return results.map(({ detail }) => detail).join('; ');
    };
    const after = { startedAt: T0, id: 'x' };

    it.each<[string, ExecutionFilter, string]>([
      ['everything', {}, 'execution_by_start'],
      ['a time', { from: T0, to: T0 + MINUTE }, 'execution_by_start'],
      ['succeeded ones', { statuses: ['Succeeded'] }, 'execution_by_start'],
      ['failed ones', { statuses: ['Failed'] }, 'execution_unsuccessful'],
      ['failed and stopped ones', { statuses: ['Failed', 'Stopped'] }, 'execution_unsuccessful'],
      ['live ones', { statuses: ['InProgress', 'Stopping'] }, 'execution_live'],
      ['those that ask for a person', { attention: 'Approval' }, 'execution_live'],
      ['a branch', { branch: 'main' }, 'execution_of_branch'],
      ['a branch since a time', { branch: 'main', from: T0 }, 'execution_of_branch'],
      ['a revision', { revision: 'a1b2' }, 'execution_by_start'],
      ['who and how', { by: 'ada', trigger: 'Webhook', stage: 'Build' }, 'execution_by_start'],
    ])('for %s', async (_, filter, name) => {
      for (const place of [undefined, after]) {
        const plan = await planOf(listQuery(db, 't' as TenantId, filter, place, 31).toSQL());
        expect(plan).toContain(`USING INDEX ${name} `);
        expect(plan).not.toContain('TEMP B-TREE');
      }
    });

    it.each<[string, ExecutionFilter]>([
      ['everything', {}],
      ['failed ones', { statuses: ['Failed'] }],
      ['live ones', { statuses: ['InProgress'] }],
      ['a branch', { branch: 'main' }],
      ['a time', { from: T0, to: T0 + MINUTE }],
    ])('for %s of a pipeline', async (_, filter) => {
      const plan = await planOf(ofPipelineQuery(db, 't' as TenantId, 'p' as PipelineId, filter, 9, 31).toSQL());
      expect(plan).toContain('USING INDEX execution_of_pipeline ');
      expect(plan).not.toContain('TEMP B-TREE');
    });
  });
});
