import { playHistory } from './history.ts';
import { playLine } from './line.ts';
import { Simulation } from './simulation.ts';
import type { Tally } from './tally.ts';

/** A world takes about thirty times as long as a history, so beside others each hundredth seed plays one. */
export const SEEDS_PER_WORLD = 100;

export type Scope = 'histories' | 'lines' | 'worlds';

/** Plays one seed; throws when something is violated. */
export async function play(scope: Scope, seed: number, tally: Tally): Promise<void> {
  const onShape = (shape: number): void => tally.see(shape);
  switch (scope) {
    case 'histories': {
      const { turns, events, status } = playHistory(seed, onShape);
      tally.add({ histories: 1, turns, events, [status]: 1 });
      return;
    }
    case 'lines':
      tally.add({ lines: 1, moves: playLine(seed).moves });
      return;
    case 'worlds': {
      const { executions, events, crashes, starts, statuses } = await new Simulation(seed, onShape).run();
      tally.add({ worlds: 1, executions, happenings: events, crashes, jobs: starts, ...statuses });
    }
  }
}
