import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClearError } from './clear-error.ts';

interface Part {
  readonly name: string;
  readonly sources: readonly string[];
  readonly command: readonly string[];
  readonly product: string;
}

const parts: readonly Part[] = [
  {
    name: 'dashboard',
    sources: [
      'web/src',
      'web/static',
      'web/vite.config.ts',
      'contract',
      'worker/engine',
      'worker/definition',
      'package-lock.json',
    ],
    command: ['npm', 'run', '--silent', 'build:web'],
    product: 'web/build/index.html',
  },
  {
    name: 'worker',
    sources: ['worker', 'contract', 'wrangler.toml', 'package-lock.json'],
    command: ['npm', 'run', '--silent', 'build:worker'],
    product: 'dist/worker/main.js',
  },
];

/** Builds what has changed since it was built last. Names, sizes and times of the sources stand for their contents. */
export async function build(root: string, log: (line: string) => void): Promise<void> {
  for (const part of parts) {
    const stamp = join(root, 'dist', `${part.name}.stamp`);
    const fingerprint = fingerprintOf(root, part.sources);
    const isFresh =
      existsSync(join(root, part.product)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint;
    if (isFresh) continue;
    log(`Building the ${part.name} …`);
    await run(root, part);
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(stamp, fingerprint);
  }
}

function run(root: string, { name, command }: Part): Promise<void> {
  const [program = '', ...args] = command;
  const env = {
    ...process.env,
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    NO_UPDATE_NOTIFIER: '1',
  };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new ClearError(`The ${name} could not be built:\n${output}`));
    });
  });
}

function fingerprintOf(root: string, sources: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    const stats = statSync(join(root, path), { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) add(join(path, name));
    else hash.update(`${path} ${stats.size} ${stats.mtimeMs}\n`);
  };
  for (const source of sources) add(source);
  return hash.digest('hex');
}
