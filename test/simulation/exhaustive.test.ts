import { describe, expect, it } from 'vitest';
import { Explorer } from './exhaustive/explore.ts';
import { type Scenario, scenarios } from './exhaustive/scenario.ts';

/** The small ones; `npm run simulate -- --scope exhaustive` walks through all of them. */
const SMALL = ['brought back, QUEUED', 'resumed, QUEUED', 'overtaken, SUPERSEDED', 'an approval that makes way'];

const named = (name: string): Scenario => {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(name);
  return scenario;
};

describe('every interleaving of two executions and their pipeline', () => {
  it.each(SMALL)(
    'keeps the invariants and leads to an end: %s',
    async (name) => {
      const { states, ends } = await new Explorer(named(name)).run();
      expect(states).toBeGreaterThan(400);
      expect(ends).toBeGreaterThan(10);
    },
    60_000,
  );

  it('finds an execution in a stage that was thought to be free', async () => {
    // A wait that does not say of which grants it knows: what the protocol got wrong before.
    const scenario: Scenario = {
      ...named('a transition closed and opened, QUEUED'),
      misheard: (position) => {
        if (position.kind !== 'Waiting') return position;
        const { epoch: _, ...others } = position;
        return others;
      },
    };
    await expect(new Explorer(scenario).run()).rejects.toThrow('I6');
  }, 60_000);

  it('finds an execution that waits for ever', async () => {
    const scenario: Scenario = {
      ...named('overtaken, SUPERSEDED'),
      // The end of an execution is taken for old news.
      misheard: (position) => (position.kind === 'Ended' ? { ...position, step: 0 } : position),
    };
    await expect(new Explorer(scenario).run()).rejects.toThrow('L1');
  }, 60_000);
});
