import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { startBaseline } from './baseline.ts';
import { commitsOfNewest } from './commits.ts';
import { Product, twelve } from './product.ts';
import { shuffled, type Spread, spreadOf } from './statistics.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ROUNDS = Number(process.env['ROUNDS'] ?? 50);
const JOB_ROUNDS = Number(process.env['JOB_ROUNDS'] ?? 15);
const BURST = 200;
const IN_FLIGHT = 64;
const PORT = 8790;
/** Long enough for any of the contenders to end, so that nobody is asked while it works. */
const QUIET_MS = 120;

const scratch = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
const stateDir = join(scratch, 'product');

async function main(): Promise<void> {
  const server = await startProduct();
  const baseline = await startBaseline(root, join(scratch, 'baseline'));
  try {
    const product = new Product(stateDir);
    const base = String(await baseline.ready).replace(/\/$/, '');
    await product.save(
      'delays',
      twelve('delays', () => 'type: Invoke/Delay, configuration: { Seconds: 0 }'),
    );
    await product.save(
      'jobs',
      twelve('jobs', (index) => `commands: ["date +%s%3N >> #{variables.file}.${index}"]`, FILE),
    );
    const contenders: Record<string, () => Promise<number>> = {
      product: () => delays(product),
      workflow: () => workflow(base),
      minimal: () => minimal(base),
    };
    for (const run of Object.values(contenders)) for (let warm = 0; warm < 5; warm += 1) await run();
    const times: Record<string, number[]> = { product: [], workflow: [], minimal: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of shuffled(Object.keys(contenders))) times[name]?.push(await (contenders[name] ?? fail)());
    }
    await delays(product);
    const commits = commitsOfNewest(join(stateDir, 'data', 'do', 'millrace-ExecutionObject'));
    const rates = {
      product: await burst(() => delaysThrough(product)),
      workflow: await burst(() => workflowThrough(base)),
      minimal: await burst(() => minimal(base)),
    };
    const jobs = await jobLatencies(product);
    const rows = rowsWritten();
    await report({ times, commits, rates, jobs, rows });
  } finally {
    await baseline.dispose();
    server.kill('SIGINT');
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(scratch, { recursive: true, force: true });
  }
}

const FILE = 'variables: [{ name: file }]\n';

async function delays(product: Product): Promise<number> {
  const { id, startedAt } = await product.start('delays');
  await sleep(QUIET_MS);
  const endedAt = await product.endedAt(id);
  if (endedAt === undefined) throw new Error('the execution is not over yet');
  return endedAt - Date.parse(startedAt);
}

async function workflow(base: string): Promise<number> {
  const { id, acceptedAt } = await getJson<{ id: string; acceptedAt: number }>(`${base}/workflow`);
  await sleep(QUIET_MS);
  const { endedAt } = await getJson<{ endedAt: number | null }>(`${base}/workflow/ended?id=${id}`);
  if (endedAt === null) throw new Error('the workflow is not over yet');
  return endedAt - acceptedAt;
}

async function minimal(base: string): Promise<number> {
  const { acceptedAt, endedAt } = await getJson<{ acceptedAt: number; endedAt: number }>(`${base}/minimal`);
  return endedAt - acceptedAt;
}

async function delaysThrough(product: Product): Promise<void> {
  const { id } = await product.start('delays');
  while ((await product.endedAt(id)) === undefined) await sleep(20);
}

async function workflowThrough(base: string): Promise<void> {
  const { id } = await getJson<{ id: string }>(`${base}/workflow`);
  for (;;) {
    const { endedAt } = await getJson<{ endedAt: number | null }>(`${base}/workflow/ended?id=${id}`);
    if (endedAt !== null) return;
    await sleep(20);
  }
}

/** Executions per second from the first start to the last end, with so many under way at once. */
async function burst(through: () => Promise<unknown>): Promise<number> {
  const begun = Date.now();
  let left = BURST;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await through();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return BURST / ((Date.now() - begun) / 1000);
}

/** By the clock of the jobs themselves: from the API call to the first command, and from command to command. */
async function jobLatencies(product: Product): Promise<{ first: number[]; next: number[] }> {
  const first: number[] = [];
  const next: number[] = [];
  for (let round = 0; round <= JOB_ROUNDS; round += 1) {
    const file = join(scratch, `jobs-${round}`);
    const calledAt = Date.now();
    const { id } = await product.start('jobs', { file });
    while ((await product.endedAt(id)) === undefined) await sleep(100);
    const ran = Array.from({ length: 12 }, (_, index) => Number(readFileSync(`${file}.${index}`, 'utf8')));
    if (round === 0) continue; // warms up
    first.push((ran[0] ?? Number.NaN) - calledAt);
    ran.slice(1).forEach((at, index) => next.push(at - (ran[index] ?? Number.NaN)));
  }
  return { first, next };
}

/** Counted in workerd by the test that also guards it. */
function rowsWritten(): { delays: number; jobs: number } {
  const run = spawnSync('vitest', ['run', '--project', 'workerd', 'test/api/rows.test.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const of = (name: string): number => Number(new RegExp(`rows ${name}: (\\d+)`).exec(run.stdout)?.[1] ?? Number.NaN);
  return { delays: of('delays'), jobs: of('jobs') };
}

interface Results {
  readonly times: Readonly<Record<string, readonly number[]>>;
  readonly commits: number;
  readonly rates: Readonly<Record<string, number>>;
  readonly jobs: { readonly first: readonly number[]; readonly next: readonly number[] };
  readonly rows: { readonly delays: number; readonly jobs: number };
}

async function report({ times, commits, rates, jobs, rows }: Results): Promise<void> {
  const spread = (name: string): Spread => spreadOf(times[name] ?? []);
  const ratio = spread('product').p50 / spread('workflow').p50;
  const [first, next] = [spreadOf(jobs.first), spreadOf(jobs.next)];
  const line = (name: string, { p50, p95, max, n }: Spread): string =>
    `| ${name} | ${p50} | ${p95} | ${max} | ${n} |`;
  const goals = [
    ['12 × Invoke/Delay 0 against a Workflow of 12 steps, p50', ratio, 0.45],
    ['rows of 12 × Invoke/Delay', rows.delays, 45],
    ['rows of 12 × Commands', rows.jobs, 167],
    ['API call → first command, p50 ms', first.p50, 150],
    ['command → next command, p50 ms', next.p50, 60],
  ] as const;
  const text = await format(
    `# Measured

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. Driver, workerd and
runner share the processors. The three contenders run in one go, in random order round by round. "Workflow" is a Cloudflare
Workflow of twelve empty \`step.do\`; "minimal" is an object written by hand that makes one row and one durable commit a step
and nothing else: no start API, no pipeline, no history, no feed.

| Goal | measured | at most | |
|---|---|---|---|
${goals.map(([name, value, most]) => `| ${name} | ${round(value)} | ${most} | ${value <= most ? 'met' : '**missed**'} |`).join('\n')}
| durable commits of 12 × Invoke/Delay | ${commits} | at least 13 | ${commits >= 13 ? 'met' : '**missed**'} |

## One execution of twelve steps, ms from accepted to ended

| | p50 | p95 | max | n |
|---|---|---|---|---|
${['product', 'workflow', 'minimal'].map((name) => line(name, spread(name))).join('\n')}

## ${BURST} of them, ${IN_FLIGHT} at once

| | per second |
|---|---|
${Object.entries(rates)
  .map(([name, rate]) => `| ${name} | ${round(rate)} |`)
  .join('\n')}

## Twelve jobs on a local runner, ms

| | p50 | p95 | max | n |
|---|---|---|---|---|
${line('API call → first command', first)}
${line('command → next action’s first command', next)}
`,
    { parser: 'markdown' },
  );
  writeFileSync(join(root, 'bench', 'RESULTS.md'), text);
  console.log(text);
  const missed = goals.filter(([, value, most]) => !(value <= most));
  if (missed.length > 0 || commits < 13) process.exitCode = 1;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

async function startProduct(): Promise<ChildProcess> {
  const server = spawn(process.execPath, [join(root, 'local', 'start.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: String(PORT), MILLRACE_STATE_DIR: stateDir },
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

async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

function fail(): Promise<number> {
  throw new Error('no such contender');
}

await main();
