import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeChunk } from '../../contract/log-frames.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

/** A runner that masks nothing prints a secret in all ways it can. Afterwards it is nowhere in what the system has written. */

const RANDOM = crypto.randomUUID();
const CANARY = `kanarie "${RANDOM.slice(0, 13)}" <&'$> fé/+~\nsecond-line-${RANDOM.slice(14)}`;

const DEFINITION = `
name: cage
variables: []
stages:
  - name: Build
    actions:
      - { name: Sing, commands: [sing], secrets: { SONG: song }, outputs: [nest], outputVariables: [OUT], namespace: bird }
  - name: Ship
    actions:
      - { name: Ask, type: Approval/Manual, configuration: { CustomData: "Heard #{bird.OUT}" } }
      - { name: Fall, runOrder: 2, commands: ['echo "#{bird.OUT}"'], environment: { HEARD: "#{bird.OUT}" }, secrets: { SONG: song } }
`;

let tenant: TestTenant;
const heard: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  tenant = await TestTenant.create();
  await tenant.save('cage', DEFINITION);
  const set = await tenant.fetch('/secrets/song', {
    method: 'PUT',
    body: JSON.stringify({ value: CANARY }),
    headers: { 'content-type': 'application/json' },
  });
  answers.push(await set.text());
  const runner = await TestRunner.connect(tenant, { work: () => 'silent' });
  const { id } = await tenant.start('cage');
  listen(await tenant.socket(`/executions/${id}/live`));

  const sing = await runner.hears('claimed');
  const given = await tenant.fetch('/job/secrets', { headers: { authorization: `Bearer ${sing.token}` } });
  expect(await given.json()).toEqual({ environment: { SONG: CANARY } });
  await write(id, 'Build/Sing', sing.token);
  const digest = `sha256:${'0'.repeat(64)}`;
  runner.finish(sing.job, {
    message: `sung: ${everyForm().join(' ')}`,
    variables: { OUT: `it sang ${everyForm().join(' | ')}`, [CANARY.split('\n')[1] ?? '']: CANARY },
    artifacts: [
      { name: 'nest', digest, sizeBytes: 1 },
      { name: CANARY, digest, sizeBytes: 1 },
    ],
  });
  const asked = await tenant.until(
    id,
    ({ stages }) => stages[1]?.actions[0]?.approval !== null && stages[1]?.actions[0]?.approval !== undefined,
  );
  answers.push(JSON.stringify(asked));
  await tenant.post(`/executions/${id}/approvals/Ship/Ask`, { result: 'Approved', summary: 'fine' });

  const fall = await runner.hears('claimed');
  answers.push(JSON.stringify(fall.payload));
  await write(id, 'Ship/Fall', fall.token);
  runner.finish(fall.job, { outcome: 'failed', exitCode: 1, message: `fell: ${everyForm().join(' ')}` });
  await tenant.ended(id);
  for (const path of [
    `/executions/${id}`,
    `/executions/${id}/events`,
    `/executions/${id}/why`,
    `/executions`,
    `/pipelines/cage/state`,
    `/pipelines/cage`,
    `/secrets`,
    `/audit`,
    `/executions/${id}/actions/Build/Sing/log`,
    `/executions/${id}/actions/Ship/Fall/log`,
  ]) {
    answers.push(await (await tenant.fetch(path)).text());
  }
});

describe('a secret that a job prints, returns and fails with', () => {
  it('is in no answer of the API and on no live feed', () => {
    expect(answers.join('\n')).toContain('***');
    expect(heard.join('\n')).toContain('****');
    for (const text of [...answers, ...heard, heard.join('')]) expectNoCanary(text);
  });

  it('is in no table of the database', async () => {
    const { results: tables } = await env.DB.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    ).all<{ name: string }>();
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['secret', 'data_key', 'execution']));
    for (const { name } of tables) {
      const { results } = await env.DB.prepare(`SELECT * FROM "${name}"`).all();
      expectNoCanary(JSON.stringify(results), name);
    }
  });

  it('is in no row of any object', async () => {
    let rows = 0;
    for (const kind of ['EXECUTIONS', 'PIPELINES', 'POOLS', 'LOGS', 'TENANTS'] as const) {
      const namespace = env[kind] as DurableObjectNamespace;
      for (const id of await listDurableObjectIds(namespace)) {
        await runInDurableObject(namespace.get(id), (_, { storage }) => {
          const tables = storage.sql
            .exec<{ name: string }>(
              "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
            )
            .toArray();
          for (const { name } of tables) {
            const all = storage.sql.exec(`SELECT * FROM "${name}"`).toArray();
            rows += all.length;
            expectNoCanary(JSON.stringify(all), `${kind} ${name}`);
          }
        });
      }
    }
    expect(rows).toBeGreaterThan(10);
  });

  it('is in no object of the bucket', async () => {
    const { objects } = await env.BUCKET.list();
    // Two logs at least.
    expect(objects.length).toBeGreaterThanOrEqual(2);
    for (const { key } of objects) {
      const object = await env.BUCKET.get(key);
      expectNoCanary(`${key} ${(await object?.text()) ?? ''}`, key);
    }
  });
});

/** Sends the log in pieces of seven bytes, so that every form lies across borders. */
async function write(execution: string, action: string, token: string): Promise<void> {
  listen(await tenant.socket(`/executions/${execution}/actions/${action}/log/live`));
  const socket = await tenant.socket('/job/log?new=true', token);
  const replies = messages(socket);
  const bytes = new TextEncoder().encode(`begin\n${everyForm().join('\n--\n')}\nend\n`);
  for (let at = 0; at < bytes.length; at += 7) socket.send(encodeChunk(at, bytes.subarray(at, at + 7)));
  socket.send(JSON.stringify({ type: 'end', totalBytes: bytes.length }));
  for await (const reply of replies) {
    const { type, complete, offset } = JSON.parse(reply as string) as Record<string, unknown>;
    if (type !== 'sealed' || complete !== true) continue;
    expect(offset).toBe(bytes.length);
    socket.close();
    return;
  }
  throw new Error('the log was never complete');
}

/** All that comes, as text: binary chunks without their offsets. */
function listen(socket: WebSocket): void {
  socket.addEventListener('message', ({ data }) => {
    heard.push(
      typeof data === 'string' ? data : new TextDecoder('latin1').decode(new Uint8Array(data as ArrayBuffer, 8)),
    );
  });
}

function everyForm(): readonly string[] {
  const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const hex = [...new TextEncoder().encode(CANARY)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const url = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return [
    CANARY,
    ...CANARY.split('\n'),
    base64(CANARY),
    base64(`x${CANARY}`),
    base64(`xx${CANARY}yy`),
    url(base64(CANARY)),
    url(base64(`x${CANARY}`)),
    hex,
    hex.toUpperCase(),
    encodeURIComponent(CANARY),
    new URLSearchParams({ q: CANARY }).toString(),
    JSON.stringify(CANARY),
    JSON.stringify({ inner: JSON.stringify(CANARY.split('\n')[1]) }),
    CANARY.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    `'${CANARY.replaceAll("'", "'\\''")}'`,
  ];
}

/** Neither the value nor any stretch of one of its forms that is long enough to mean something. */
function expectNoCanary(text: string, where = ''): void {
  const small = text.toLowerCase();
  const lines = CANARY.split('\n');
  const marks = [RANDOM.slice(0, 13), RANDOM.slice(14), ...lines];
  for (const mark of marks) expect(small.includes(mark.toLowerCase()), `${where}: ${mark}`).toBe(false);
  const bytes = new TextEncoder().encode(CANARY);
  for (const offset of [0, 1, 2]) {
    const padded = btoa(String.fromCharCode(...new Uint8Array(offset), ...bytes));
    // Whole characters of the value alone, in pieces of sixteen.
    for (let at = 4; at + 16 < padded.length - 4; at += 16) {
      const piece = padded.slice(at, at + 16);
      const found = text.replaceAll('-', '+').replaceAll('_', '/').includes(piece);
      expect(found, `${where}: base64 at ${offset}: ${piece}`).toBe(false);
    }
  }
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  for (let at = 0; at + 16 < hex.length; at += 16) {
    expect(small.includes(hex.slice(at, at + 16)), `${where}: hex`).toBe(false);
  }
}
