import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

const migrations = await readD1Migrations('migrations');

/** The folder names the cost: Node in milliseconds, real workerd in seconds, a whole server with a browser at the end. */
export default defineConfig({
  test: {
    projects: [
      'web',
      { test: { name: 'unit', include: ['test/{unit,property,simulation,conformance}/**/*.test.ts'] } },
      // Its processes wait for each other more than they work.
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 30_000, maxWorkers: 3 } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              // All modules that one suite has loaded are handed to the next in one message, and are more than 32 MiB by now.
              compatibilityFlags: [
                'nodejs_compat',
                'global_fetch_strictly_public',
                'increase_websocket_message_size',
              ],
              // Suites ask more often in a minute than anybody else may.
              ratelimits: {
                RATE_BY_ACTOR: { namespace_id: '1001', simple: { limit: 1_000_000, period: 60 } },
                RATE_BY_ADDRESS: { namespace_id: '1002', simple: { limit: 10, period: 60 } },
              },
              bindings: {
                MILLRACE_KEY: 'a key for tests that is long enough to be taken',
                MILLRACE_SIGN_UP: 'open',
                MILLRACE_MAIL_URL: 'https://mail.millrace.test/send',
                MILLRACE_MAIL_TOKEN: 'mail token',
                MILLRACE_MAIL_FROM: 'Millrace <no-reply@millrace.test>',
                R2_S3_ENDPOINT: 'https://account.r2.example',
                R2_S3_BUCKET: 'millrace',
                R2_S3_ACCESS_KEY_ID: 'access',
                R2_S3_SECRET_ACCESS_KEY: 'secret',
                TEST_MIGRATIONS: migrations,
              },
            },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['test/{object,api}/**/*.test.ts'],
          setupFiles: ['test/support/workerd/migrate.ts'],
          globalSetup: ['test/support/open-id-provider.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
