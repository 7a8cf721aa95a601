import { parentPort, workerData } from 'node:worker_threads';
import { type Exploration, Explorer } from './exhaustive/explore.ts';
import { scenarios } from './exhaustive/scenario.ts';
import { play, type Scope, SEEDS_PER_WORLD } from './scopes.ts';
import { type Counts, Tally } from './tally.ts';

/** Plays the seeds that it is handed, some at a time, or walks through one scenario, and says what became of that. */
export type Batch = { readonly from: number; readonly to: number } | { readonly scenario: string };

export interface BatchReport {
  readonly counts: Counts;
  readonly violations: readonly { readonly again: string; readonly message: string }[];
  readonly explored?: Exploration;
}

const { scopes, sight } = workerData as { readonly scopes: readonly Scope[]; readonly sight: SharedArrayBuffer };

parentPort?.on('message', (batch: Batch) => {
  const done = 'scenario' in batch ? explore(batch.scenario) : playBatch(batch.from, batch.to);
  void done.then((report) => parentPort?.postMessage(report));
});

async function playBatch(from: number, to: number): Promise<BatchReport> {
  const tally = new Tally(sight);
  const violations: { again: string; message: string }[] = [];
  for (let seed = from; seed < to; seed += 1) {
    for (const scope of scopes) {
      if (scope === 'worlds' && scopes.length > 1 && seed % SEEDS_PER_WORLD !== 0) continue;
      try {
        await play(scope, seed, tally);
      } catch (error) {
        violations.push({ again: `--scope ${scope} --from ${seed} --seeds 1`, message: said(error) });
      }
    }
  }
  tally.add({ seeds: to - from });
  return { counts: tally.counts, violations };
}

async function explore(name: string): Promise<BatchReport> {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`There is no scenario "${name}".`);
  try {
    const explored = await new Explorer(scenario).run();
    const { states, transitions } = explored;
    return { counts: { scenarios: 1, explored: states, steps: transitions }, violations: [], explored };
  } catch (error) {
    return { counts: {}, violations: [{ again: '--scope exhaustive', message: said(error) }] };
  }
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
