import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { scenarios } from './exhaustive/scenario.ts';
import type { Batch, BatchReport } from './simulate-worker.ts';
import type { Scope } from './scopes.ts';
import { newSight, Tally } from './tally.ts';

/**
 * The front door of the proof: `npm run simulate -- --seeds 10000 [--from 1] [--scope histories|lines|worlds|seeds|exhaustive|all] [--workers 2]`.
 * What each scope plays: docs/proof.md. Ends with 1 when something was violated.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    scope: { type: 'string', default: 'all' },
    workers: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
  },
});
const BATCH = 200;
const VIOLATIONS_SHOWN = 10;
const PROGRESS_EVERY_MS = 10_000;
const PLAYED: readonly Scope[] = ['histories', 'lines', 'worlds'];

const from = whole('from', values.from);
const end = from + whole('seeds', values.seeds);
const scopes = scopesOf(values.scope);
const begun = performance.now();
const sight = newSight();
const tally = new Tally(sight);
const violations: BatchReport['violations'][number][] = [];
const unexplored = ['all', 'exhaustive'].includes(values.scope) ? scenarios.map(({ name }) => name) : [];
let next = scopes.length === 0 ? end : from;

console.log(`scope ${values.scope}, seeds ${from} to ${end - 1}`);
const progress = setInterval(() => console.log(line()), PROGRESS_EVERY_MS);
await Promise.all(Array.from({ length: whole('workers', values.workers) }, () => work()));
clearInterval(progress);
report();

/** One thread: is handed batches until there are none. */
function work(): Promise<void> {
  const worker = new Worker(new URL('simulate-worker.ts', import.meta.url), { workerData: { scopes, sight } });
  return new Promise((resolve, reject) => {
    const hand = (): void => {
      const batch = nextBatch();
      if (batch !== undefined) worker.postMessage(batch);
      else resolve(worker.terminate().then(() => undefined));
    };
    worker.on('message', (done: BatchReport) => {
      tally.add(done.counts);
      violations.push(...done.violations);
      if (done.explored !== undefined) console.log(JSON.stringify(done.explored));
      hand();
    });
    worker.on('error', reject);
    hand();
  });
}

function nextBatch(): Batch | undefined {
  const scenario = unexplored.shift();
  if (scenario !== undefined) return { scenario };
  if (next >= end) return undefined;
  const batch = { from: next, to: Math.min(next + BATCH, end) };
  next = batch.to;
  return batch;
}

function line(): string {
  const { seeds = 0, turns = 0, happenings = 0, moves = 0, steps = 0 } = tally.counts;
  const seconds = (performance.now() - begun) / 1000;
  const perSecond = Math.round((turns + happenings + moves + steps) / seconds);
  return `${seeds} seeds, ${violations.length} violations, ${Math.round(seconds)} s, ${perSecond} transitions/s`;
}

function report(): void {
  const { seeds = 0, histories = 0, executions = 0, ...others } = tally.counts;
  console.log(line());
  console.log(JSON.stringify({ seeds, executions: histories + executions, states: tally.shapes, ...others }));
  for (const { again, message } of violations.slice(0, VIOLATIONS_SHOWN)) {
    console.log(`${message}\nagain: npm run simulate -- ${again}`);
  }
  console.log(violations.length === 0 ? '0 violations' : `${violations.length} VIOLATIONS`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

function scopesOf(name: string): readonly Scope[] {
  if (name === 'all' || name === 'seeds') return PLAYED;
  if (name === 'exhaustive') return [];
  const scope = PLAYED.find((one) => one === name);
  if (scope === undefined) {
    throw new Error(`There is no scope "${name}". Known: all, seeds, exhaustive, ${PLAYED.join(', ')}.`);
  }
  return [scope];
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, not "${text}".`);
  return value;
}
