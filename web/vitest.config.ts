import { defineConfig } from 'vitest/config';

/** Pure logic only, in Node: whatever needs a browser is looked at in one. */
export default defineConfig({
  root: import.meta.dirname,
  test: { name: 'web', include: ['test/**/*.test.ts'], environment: 'node' },
});
