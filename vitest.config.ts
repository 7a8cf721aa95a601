import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,property,simulation}/**/*.test.ts'],
        },
      },
    ],
  },
});
