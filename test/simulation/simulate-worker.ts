import { parentPort, workerData } from 'node:worker_threads';
import { play, type Scope } from './scopes.ts';
import { type Counts, Tally } from './tally.ts';

/** Plays the seeds that it is handed, some at a time, and says what became of them. */
export interface Batch {
  readonly from: number;
  readonly to: number;
}

export interface BatchReport {
  readonly counts: Counts;
  readonly violations: readonly { readonly seed: number; readonly message: string }[];
}

const { scopes, sight } = workerData as { readonly scopes: readonly Scope[]; readonly sight: SharedArrayBuffer };

parentPort?.on('message', (batch: Batch) => {
  void playBatch(batch).then((report) => parentPort?.postMessage(report));
});

async function playBatch({ from, to }: Batch): Promise<BatchReport> {
  const tally = new Tally(sight);
  const violations: { seed: number; message: string }[] = [];
  for (let seed = from; seed < to; seed += 1) {
    try {
      await play(scopes, seed, tally);
    } catch (error) {
      violations.push({ seed, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  tally.add({ seeds: to - from });
  return { counts: tally.counts, violations };
}
