import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { migrate } from './migrate.ts';
import type { StateFolder } from './state-folder.ts';

export interface ServerOptions {
  readonly root: string;
  readonly state: StateFolder;
  readonly host: string;
  readonly port: number;
  /** How this machine's programs reach it. */
  readonly url: string;
}

const BUCKET = 'millrace';
/** Of everybody together. How often somebody asks for anything else is not counted: all there is to take is this machine's time. */
const GUESSES = { RATE_BY_ADDRESS: { namespace_id: '1002', simple: { limit: 20, period: 60 } } };

/** Settings of the Worker that depend on where this machine stands. */
const FROM_OUTSIDE = ['MILLRACE_PUBLIC_URL', 'MILLRACE_PRIVATE_HOSTS'];

/** The built Worker with its objects, D1, R2 and the dashboard, on Miniflare, with everything kept in the state folder. */
export async function startServer({ root, state, host, port, url }: ServerOptions): Promise<Miniflare> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml'));
  const { compatibilityDate, compatibilityFlags, d1Databases, durableObjects, assets, bindings } = workerOptions;
  const { key, s3 } = state.secrets;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'millrace',
      modules: [{ type: 'ESModule', path: join(root, 'dist', 'worker', 'main.js') }],
      compatibilityDate,
      compatibilityFlags,
      d1Databases,
      durableObjects,
      assets,
      ratelimits: GUESSES,
      r2Buckets: { BUCKET: { id: BUCKET, s3Credentials: s3 } },
      bindings: {
        ...(bindings as Readonly<Record<string, string>>),
        ...given(FROM_OUTSIDE),
        MILLRACE_KEY: key,
        MILLRACE_SIGN_UP: 'open',
        MILLRACE_EDGE: 'none',
        MILLRACE_MAIL_LOG: 'on',
        R2_S3_ENDPOINT: `${url}/cdn-cgi/local/r2/s3`,
        R2_S3_BUCKET: BUCKET,
        R2_S3_ACCESS_KEY_ID: s3.accessKeyId,
        R2_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      },
      host,
      port,
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: state.folder('data'),
      log: new Log(LogLevel.ERROR),
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  await miniflare.ready;
  await migrate(await miniflare.getD1Database('DB'), join(root, 'migrations'));
  return miniflare;
}

function given(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name] ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}
