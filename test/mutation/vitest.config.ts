import { defineConfig } from 'vitest/config';

/** The tests that mutants of the engine meet: all that is plain Node, with as many histories and worlds as a second allows. */
export default defineConfig({
  test: {
    include: [
      'test/unit/{engine,objects}/**/*.test.ts',
      'test/property/{why,histories}.test.ts',
      'test/simulation/{histories,simulation,exhaustive}.test.ts',
    ],
    setupFiles: ['test/mutation/setup.ts'],
    testTimeout: 120_000,
    env: { MUTANTS: '1', SEEDS: '120', WORLDS: '12', RUNS: '60' },
  },
});
