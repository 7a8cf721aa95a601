import { defineConfig } from 'vitest/config';

/** The tests that mutants of the engine meet: the quick ones, and as many seeds of the reference models as a second allows. */
export default defineConfig({
  test: {
    include: [
      'test/unit/{engine,objects}/**/*.test.ts',
      'test/property/why.test.ts',
      'test/simulation/{histories,simulation}.test.ts',
    ],
    env: { SEEDS: '120', WORLDS: '12' },
  },
});
