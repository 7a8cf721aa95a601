import { playHistory } from './history.ts';
import { playLine } from './line.ts';
import { Simulation } from './simulation.ts';
import type { Tally } from './tally.ts';

/** A world takes about thirty times as long as a history, so each hundredth seed plays one. */
export const SEEDS_PER_WORLD = 100;

export type Scope = 'histories' | 'lines' | 'worlds';

/** Plays what the scopes ask for under one seed; throws when something is violated. */
export async function play(scopes: readonly Scope[], seed: number, tally: Tally): Promise<void> {
  const onShape = (shape: number): void => tally.see(shape);
  if (scopes.includes('histories')) {
    const { turns, events, status } = playHistory(seed, onShape);
    tally.add({ histories: 1, turns, events, [status]: 1 });
  }
  if (scopes.includes('lines')) tally.add({ lines: 1, moves: playLine(seed).moves });
  if (scopes.includes('worlds') && (scopes.length === 1 || seed % SEEDS_PER_WORLD === 0)) {
    const { executions, events, crashes, starts, statuses } = await new Simulation(seed, onShape).run();
    tally.add({ worlds: 1, executions, happenings: events, crashes, jobs: starts, ...statuses });
  }
}
