import { expect, it } from 'vitest';
import { Simulation } from './simulation.ts';

const SEEDS = Number(process.env['WORLDS'] ?? process.env['SEEDS'] ?? 150);
const FIRST = Number(process.env['SEED'] ?? 1);

it('any pipelines under any faults keep the invariants and come to their ends', async () => {
  const totals: Record<string, number> = {};
  for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
    const report = await new Simulation(seed).run().catch((error: unknown) => {
      throw new Error(`seed ${seed} (rerun with SEED=${seed} SEEDS=1): ${String(error)}`, { cause: error });
    });
    const counted = {
      executions: report.executions,
      events: report.events,
      crashes: report.crashes,
      ...report.statuses,
      ...report.seen,
    };
    for (const [name, count] of Object.entries(counted)) totals[name] = (totals[name] ?? 0) + count;
  }
  // A simulation that nothing ever happens in proves nothing.
  expect(totals).toMatchObject({
    Succeeded: expect.any(Number),
    Failed: expect.any(Number),
    Superseded: expect.any(Number),
  });
  process.stdout.write(`simulated ${JSON.stringify(totals)}\n`);
}, 600_000);
