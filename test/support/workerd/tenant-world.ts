import { env } from 'cloudflare:workers';
import { digestOf } from './digest.ts';
import type { TenantLiveMessage } from '../../../contract/live-feed.ts';
import { TestTenant } from './client.ts';
import { TestRunner } from './runner.ts';

/** Everything in a tenant that has an id, by kind. */
export type Ids = Readonly<Record<string, string>>;

/** A tenant with one of everything. */
export interface TenantWorld {
  readonly tenant: TestTenant;
  readonly pipeline: string;
  readonly ids: Ids;
  readonly runner: TestRunner;
  /** What the running job of it may use. */
  readonly jobToken: string;
  readonly cursors: Readonly<Record<string, string>>;
  readonly idempotencyKey: string;
}

export async function tenantWorld(prefix: string): Promise<TenantWorld> {
  const tenant = await TestTenant.create(`${prefix}${crypto.randomUUID().slice(0, 8)}`);
  const indexed = await indexOf(tenant);
  const name = (of: string): string => `${prefix}-${of}-pipeline`;
  await tenant.save(name('asking'), asking(name('asking')));
  await tenant.save(name('working'), working(name('working')));
  const idempotencyKey = `${prefix}-key`;
  const running = await start(tenant, name('asking'), idempotencyKey);
  const ended = await endedOf(tenant, name('asking'));
  let tellClaimed = (_: string): void => undefined;
  const claimed = new Promise<string>((resolve) => (tellClaimed = resolve));
  const runner = await TestRunner.connect(tenant, {
    id: `${prefix}-runner`,
    work: ({ job }) => {
      tellClaimed(job);
      return 'silent';
    },
  });
  const work = await start(tenant, name('working'));
  const job = await claimed;
  const digest = await putArtifact(tenant, `bytes of ${tenant.id}`);
  const freeze = await made(
    tenant.post('/freezes', {
      name: 'holidays',
      reason: 'nobody is here',
      when: { kind: 'once', from: '2030-12-24T00:00:00Z', to: '2030-12-27T00:00:00Z' },
    }),
  );
  const token = await made(tenant.post('/tokens', { name: 'theirs' }));
  // Disabled, it is saved without asking anybody.
  const connection = await made(
    tenant.post('/connections', {
      name: `${prefix}-hub`,
      kind: 'github',
      credentials: { kind: 'token', token: `${prefix}-credentials` },
      disabled: true,
    }),
  );
  const hook = await hookOf(tenant, connection.id);
  const cookie = await tenant.member('operator');
  const person = await row('SELECT user_id, id FROM member WHERE organization_id = ? AND role = ?', [
    tenant.id,
    'operator',
  ]);
  const invitation = `${prefix}${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
  await env.DB.prepare(
    `INSERT INTO invitation (id, organization_id, email, role, status, expires_at, created_at, inviter_id)
     VALUES (?, ?, ?, 'viewer', 'pending', ?, ?, ?)`,
  )
    .bind(invitation, tenant.id, 'guest@example.com', Date.now() + 3_600_000, Date.now(), person['user_id'])
    .run();
  await indexed([running, ended, work]);
  const cursors = await cursorsOf(tenant, name('asking'));
  const { slug } = await row('SELECT slug FROM organization WHERE id = ?', [tenant.id]);
  return {
    tenant,
    pipeline: name('asking'),
    runner,
    jobToken: runner.tokens.get(job) ?? '',
    cursors,
    idempotencyKey,
    ids: {
      pipelineName: name('asking'),
      pipelineId: running.slice(0, 12),
      runningExecution: running,
      endedExecution: ended,
      workingExecution: work,
      job,
      digest,
      token: token.id,
      connection: connection.id,
      hook,
      freeze: freeze.id,
      tenant: tenant.id,
      slug: slug ?? '',
      person: person['user_id'] ?? '',
      membership: person['id'] ?? '',
      invitation,
      runner: `${prefix}-runner`,
      session: /session_token=([^;.]+)/.exec(cookie)?.[1] ?? '',
    },
  };
}

/** The index lags behind; the feed tells of an execution once it is there. */
async function indexOf(tenant: TestTenant): Promise<(ids: readonly string[]) => Promise<void>> {
  const feed = await tenant.socket('/live');
  const seen = new Set<string>();
  let wake = (): void => undefined;
  feed.addEventListener('message', ({ data }) => {
    seen.add((JSON.parse(data as string) as TenantLiveMessage).execution.id);
    wake();
  });
  return async (ids) => {
    while (!ids.every((id) => seen.has(id))) await new Promise<void>((resolve) => (wake = resolve));
    feed.close();
  };
}

/** An id of the same make that nobody has. */
export function twinOf(id: string): string {
  const [prefix, own] = id.startsWith('sha256:') ? ['sha256:', id.slice(7)] : ['', id];
  const turned = Array.from(own, (char) => {
    const at = '0123456789abcdef'.indexOf(char);
    if (at !== -1) return '0123456789abcdef'.charAt((at + 7) % 16);
    const later = 'ghjkmnpqrstvwxyz'.indexOf(char);
    return later === -1 ? char : 'ghjkmnpqrstvwxyz'.charAt((later + 5) % 16);
  });
  return `${prefix}${turned.join('')}`;
}

async function start(tenant: TestTenant, pipeline: string, key?: string): Promise<string> {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  return (await made(tenant.post(`/pipelines/${pipeline}/executions`, {}, headers))).id;
}

async function endedOf(tenant: TestTenant, pipeline: string): Promise<string> {
  const id = await start(tenant, pipeline);
  await tenant.post(`/executions/${id}/approvals/Ask/SignOff`, { result: 'Approved' });
  await tenant.ended(id);
  return id;
}

async function putArtifact(tenant: TestTenant, text: string): Promise<string> {
  const body = new TextEncoder().encode(text);
  const digest = await digestOf(body);
  const headers = { 'content-length': String(body.byteLength) };
  const put = await tenant.fetch(`/artifacts/${digest}`, { method: 'PUT', body, headers });
  if (put.status !== 201) throw new Error(`PUT artifact: ${put.status} ${await put.text()}`);
  return digest;
}

async function hookOf({ id: tenant }: TestTenant, connection: string): Promise<string> {
  const id = `hk_${tenant}_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
  await env.DB.prepare(
    `INSERT INTO hook (tenant_id, id, kind, name, connection_id, repository, version, data_key_id, iv, sealed, settings,
       created_at, created_by, updated_at)
     VALUES (?, ?, 'github', 'hook', ?, 'example-org/shop', 1, '', '', '', '{}', 0, 'test', 0)`,
  )
    .bind(tenant, id, connection)
    .run();
  return id;
}

async function cursorsOf(tenant: TestTenant, pipeline: string): Promise<Record<string, string>> {
  const cursors: Record<string, string> = {};
  for (const path of ['/pipelines', '/executions', `/pipelines/${pipeline}/executions`]) {
    const { nextCursor } = await tenant.get<{ nextCursor: string | null }>(`${path}?limit=1`);
    if (nextCursor === null) throw new Error(`${path} has no second page`);
    cursors[path] = nextCursor;
  }
  return cursors;
}

async function made(answer: Promise<Response>): Promise<{ id: string }> {
  const response = await answer;
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return response.json<{ id: string }>();
}

async function row(statement: string, values: readonly string[]): Promise<Record<string, string>> {
  const found = await env.DB.prepare(statement)
    .bind(...values)
    .first<Record<string, string>>();
  if (found === null) throw new Error(`nothing found by ${statement}`);
  return found;
}

function asking(name: string): string {
  return `
name: ${name}
mode: PARALLEL
stages:
  - name: Ask
    actions: [{ name: SignOff, type: Approval/Manual }]
  - name: Later
    actions: [{ name: Wait, type: Invoke/Delay, configuration: { Seconds: "0" } }]
`;
}

function working(name: string): string {
  return `
name: ${name}
stages:
  - name: Work
    actions: [{ name: Run, commands: [sleep 1] }]
`;
}
