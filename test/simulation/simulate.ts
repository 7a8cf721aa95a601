import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { BatchReport } from './simulate-worker.ts';
import type { Scope } from './scopes.ts';
import { newSight, Tally } from './tally.ts';

/**
 * The front door of the proof: `npm run simulate -- --seeds 10000 [--from 1] [--scope histories|lines|worlds|all] [--workers 2]`.
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
const ALL: readonly Scope[] = ['histories', 'lines', 'worlds'];

const from = whole('from', values.from);
const end = from + whole('seeds', values.seeds);
const scopes = scopesOf(values.scope);
const begun = performance.now();
const sight = newSight();
const tally = new Tally(sight);
const violations: { readonly seed: number; readonly message: string }[] = [];
let next = from;

console.log(`seeds ${from} to ${end - 1}: ${scopes.join(', ')}`);
const progress = setInterval(() => console.log(line()), PROGRESS_EVERY_MS);
await Promise.all(Array.from({ length: whole('workers', values.workers) }, () => work()));
clearInterval(progress);
report();

/** One thread: is handed batches until there are none. */
function work(): Promise<void> {
  const worker = new Worker(new URL('simulate-worker.ts', import.meta.url), { workerData: { scopes, sight } });
  return new Promise((resolve, reject) => {
    const hand = (): void => {
      if (next >= end) {
        resolve(worker.terminate().then(() => undefined));
        return;
      }
      const to = Math.min(next + BATCH, end);
      worker.postMessage({ from: next, to });
      next = to;
    };
    worker.on('message', (done: BatchReport) => {
      tally.add(done.counts);
      violations.push(...done.violations);
      hand();
    });
    worker.on('error', reject);
    hand();
  });
}

function line(): string {
  const { seeds = 0, turns = 0, happenings = 0, moves = 0 } = tally.counts;
  const seconds = (performance.now() - begun) / 1000;
  const perSecond = Math.round((turns + happenings + moves) / seconds);
  return `${seeds} seeds, ${violations.length} violations, ${Math.round(seconds)} s, ${perSecond} transitions/s`;
}

function report(): void {
  const { seeds, histories = 0, executions = 0, ...others } = tally.counts;
  console.log(line());
  console.log(JSON.stringify({ seeds, executions: histories + executions, states: tally.shapes, ...others }));
  for (const { seed, message } of violations.slice(0, VIOLATIONS_SHOWN)) {
    console.log(
      `seed ${seed}: ${message}\nagain: npm run simulate -- --scope ${values.scope} --from ${seed} --seeds 1`,
    );
  }
  console.log(violations.length === 0 ? '0 violations' : `${violations.length} VIOLATIONS`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

function scopesOf(name: string): readonly Scope[] {
  if (name === 'all') return ALL;
  const scope = ALL.find((one) => one === name);
  if (scope === undefined) throw new Error(`There is no scope "${name}". Known: all, ${ALL.join(', ')}.`);
  return [scope];
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, not "${text}".`);
  return value;
}
