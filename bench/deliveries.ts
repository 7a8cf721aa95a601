import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Product } from './product.ts';
import { shuffled } from './statistics.ts';

/**
 * Signed pushes against the built server: how fast they are taken, when all have been offered, and that copies of them start nothing.
 * DELIVERIES distinct pushes, each sent COPIES times; one in STARTS of them is to the branch that a pipeline watches.
 */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DELIVERIES = Number(process.env['DELIVERIES'] ?? 10_000);
const COPIES = Number(process.env['COPIES'] ?? 1);
const STARTS = Number(process.env['STARTS'] ?? 500);
const IN_FLIGHT = 48;
const PORT = Number(process.env['PORT'] ?? 8791);
const HOST_PORT = PORT + 1;
const REPOSITORY = { id: 4711, full_name: 'example-org/shop', default_branch: 'main' };
const QUIET_MAX_MS = 600_000;

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-deliveries-'));

async function main(): Promise<void> {
  const host = await startHost();
  const server = await startServer();
  try {
    const product = new Product(stateDir);
    const { url, secret } = await hookOf(product);
    const order = shuffled(Array.from({ length: DELIVERIES * COPIES }, (_, index) => index % DELIVERIES));
    const startedAt = performance.now();
    await inFlight(order, (index) => send(url, secret, index));
    const takenMs = performance.now() - startedAt;
    await offered(product);
    const offeredMs = performance.now() - startedAt;
    const expected = Math.ceil(DELIVERIES / STARTS);
    const found = await executionsOf(product);
    console.log(`${order.length} deliveries of ${DELIVERIES} pushes, ${IN_FLIGHT} at once`);
    console.log(`taken in ${seconds(takenMs)} (${Math.round((order.length / takenMs) * 1000)} a second)`);
    console.log(`offered to the pipeline after ${seconds(offeredMs)}`);
    console.log(`${found} executions, of ${expected} expected`);
    if (found !== expected) process.exitCode = 1;
  } finally {
    server.kill('SIGTERM');
    host.close();
    await sleep(2_000);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** As much of a GitHub as a connection asks for. */
async function startHost(): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const isRepository = url === `/api/v3/repos/${REPOSITORY.full_name}`;
    const body = isRepository
      ? { ...REPOSITORY, html_url: 'https://host/shop', private: true }
      : url === '/api/v3/user'
        ? { login: 'ada' }
        : { message: 'Not Found' };
    response.writeHead('message' in body ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(HOST_PORT, '127.0.0.1', resolve));
  return server;
}

async function startServer(): Promise<ChildProcess> {
  const server = spawn(process.execPath, [join(root, 'local', 'start.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: String(PORT),
      MILLRACE_STATE_DIR: stateDir,
      MILLRACE_PRIVATE_HOSTS: `127.0.0.1:${HOST_PORT}`,
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error('the server did not start')));
    server.stdout.on('data', (chunk: Buffer) => (chunk.includes('Ctrl-C stops it') ? resolve() : undefined));
  });
  server.stdout.resume();
  // The demo of the first start would run beside what is measured.
  await sleep(5_000);
  return server;
}

async function hookOf({ client }: Product): Promise<{ url: string; secret: string }> {
  const connection = (await client.send('POST', '/connections', {
    name: 'hub',
    kind: 'github',
    baseUrl: `http://127.0.0.1:${HOST_PORT}`,
    credentials: { kind: 'token', token: 'a-token' },
  })) as { id: string };
  const hook = (await client.send('POST', `/connections/${connection.id}/hooks`, {
    repository: REPOSITORY.full_name,
    byHand: true,
  })) as { id: string; secret: string };
  await client.fetch('/pipelines/flooded', {
    method: 'PUT',
    headers: { 'content-type': 'application/yaml' },
    body: `name: flooded
stages:
  - name: Source
    actions:
      - name: Code
        type: Source/Connection
        configuration: { Connection: hub, FullRepositoryId: ${REPOSITORY.full_name}, BranchName: main }
        outputs: [code]
`,
  });
  return { url: `http://127.0.0.1:${PORT}/api/v1/hooks/${hook.id}`, secret: hook.secret };
}

async function send(url: string, secret: string, index: number): Promise<void> {
  const commit = index.toString(16).padStart(40, 'a');
  const body = JSON.stringify({
    ref: `refs/heads/${index % STARTS === 0 ? 'main' : `topic-${index % 50}`}`,
    before: 'b'.repeat(40),
    after: commit,
    created: false,
    deleted: false,
    forced: false,
    compare: 'https://host/compare',
    commits: [],
    head_commit: { id: commit, message: `Push ${index}`, timestamp: '2026-11-25T11:59:00Z', url: 'https://host/c' },
    repository: REPOSITORY,
    sender: { id: 1, login: 'octocat' },
  });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': `push-${index}`,
        'x-hub-signature-256': `sha256=${signature}`,
      },
    });
    await response.text();
    if (response.status === 202) return;
    if (response.status !== 429) throw new Error(`a delivery was answered with ${response.status}`);
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
  }
}

async function offered({ client }: Product): Promise<void> {
  const deadline = performance.now() + QUIET_MAX_MS;
  for (;;) {
    const { items } = (await client.get('/hooks')) as { items: { backlog: number }[] };
    if (items.every(({ backlog }) => backlog === 0)) return;
    if (performance.now() > deadline) throw new Error('the backlog does not go away');
    await sleep(200);
  }
}

async function executionsOf({ client }: Product): Promise<number> {
  let [count, cursor] = [0, ''];
  do {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await client.get(`/pipelines/flooded/executions?limit=100${query}`)) as {
      items: unknown[];
      nextCursor: string | null;
    };
    count += page.items.length;
    cursor = page.nextCursor ?? '';
  } while (cursor !== '');
  return count;
}

async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const workers = Array.from({ length: IN_FLIGHT }, async () => {
    for (let at = next++; at < items.length; at = next++) await work(items[at] as T);
  });
  await Promise.all(workers);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

await main();
