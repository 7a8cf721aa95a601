import { defineConfig } from 'vitest/config';

/** The tests that mutants of the engine meet: the quick ones, and as many seeds of the reference models as a second allows. */
export default defineConfig({
  test: {
    include: ['test/unit/engine/**/*.test.ts', 'test/simulation/histories.test.ts'],
    exclude: ['test/unit/engine/states-page.test.ts'],
    env: { SEEDS: '120' },
  },
});
