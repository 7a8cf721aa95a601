import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';

/** The Workflow and the minimal object, built and started like the product is. */
export async function startBaseline(root: string, stateDir: string): Promise<Miniflare> {
  const out = join(root, 'dist', 'bench');
  const built = spawnSync(
    'wrangler',
    ['deploy', '--dry-run', '--outdir', out, '--config', join(root, 'bench', 'baseline', 'wrangler.toml')],
    { encoding: 'utf8', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
  );
  if (built.status !== 0) throw new Error(`the baseline could not be built:\n${built.stdout}${built.stderr}`);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'baseline',
      modules: [{ type: 'ESModule', path: join(out, 'worker.js') }],
      compatibilityDate: '2026-08-01',
      durableObjects: { MINIMAL: { className: 'Minimal', useSQLite: true } },
      workflows: { WORKFLOW: { name: 'twelve-steps', className: 'TwelveSteps' } },
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: stateDir,
      log: new Log(LogLevel.ERROR),
    }),
  );
  await miniflare.ready;
  return miniflare;
}
