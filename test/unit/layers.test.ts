import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: { readonly 'check:layers': string };
};

/** What `npm run check:layers` finds in a folder. */
async function cruise(folder: string): Promise<ICruiseResult> {
  const [program = '', ...args] = scripts['check:layers'].split(' ');
  return new Promise((resolve, reject) => {
    execFile(
      join(root, 'node_modules/.bin', program),
      [...args, '--output-type', 'json'],
      { cwd: folder, maxBuffer: 2 ** 27 },
      (_, stdout, stderr) => {
        if (stdout === '') reject(new Error(stderr));
        else resolve(JSON.parse(stdout) as ICruiseResult);
      },
    );
  });
}

/** An import that the rule forbids. */
type Plant = readonly [rule: string, from: string, to: string];

const PLANTS: readonly Plant[] = [
  ['imports-resolve', 'worker/kernel/lost.ts', './nowhere.ts'],
  ['no-cycles', 'worker/kernel/egg.ts', 'worker/kernel/hen.ts'],
  ['no-orphans', 'worker/kernel/alone.ts', 'worker/kernel/alone.ts'],
  ['nothing-imports-tests', 'local/tested.ts', 'test/support/factories.ts'],
  ['contract-stands-alone', 'contract/leaning.ts', 'worker/kernel/clock.ts'],
  ['contract-stands-alone', 'contract/storing.ts', 'node_modules/drizzle-orm'],
  ['engine-imports-only-engine', 'worker/engine/parsing.ts', 'node_modules/zod'],
  ['engine-imports-only-engine', 'worker/engine/wired.ts', 'contract/names.ts'],
  ['calendar-imports-only-calendar', 'worker/calendar/ticking.ts', 'worker/kernel/clock.ts'],
  ['audit-imports-only-audit', 'worker/audit/hashing.ts', 'worker/kernel/crypto.ts'],
  ['definition-is-pure', 'worker/definition/timed.ts', 'worker/kernel/clock.ts'],
  ['kernel-is-the-floor', 'worker/kernel/climbing.ts', 'worker/storage/database.ts'],
  ['aws-is-a-leaf', 'worker/aws/climbing.ts', 'worker/storage/database.ts'],
  ['routes-stay-thin', 'worker/api/thick.ts', 'worker/storage/database.ts'],
  ['routes-stay-thin', 'worker/api/routes/deciding.ts', 'worker/engine/decide.ts'],
  ['services-do-not-touch-providers', 'worker/services/providing.ts', 'worker/providers/delay.ts'],
  ['services-know-objects-as-types', 'worker/services/runs/calling.ts', 'worker/objects/pool/stub.ts'],
  ['effects-do-not-reach-back', 'worker/effects/serving.ts', 'worker/services/context.ts'],
  ['effects-know-objects-as-types', 'worker/effects/calling.ts', 'worker/objects/pool/stub.ts'],
  ['effects-know-the-engine-as-types', 'worker/effects/deciding.ts', 'worker/engine/decide.ts'],
  ['objects-never-call-out', 'worker/objects/pool/storing.ts', 'worker/storage/database.ts'],
  ['auth-does-not-reach-up', 'worker/auth/serving.ts', 'worker/services/context.ts'],
  ['storage-does-not-reach-up', 'worker/storage/calling.ts', 'worker/objects/pool/stub.ts'],
  ['providers-are-leaves', 'worker/providers/deciding.ts', 'worker/engine/decide.ts'],
  ['providers-ignore-each-other', 'worker/providers/copying.ts', 'worker/providers/delay.ts'],
  ['hosts-are-leaves', 'worker/hosts/storing.ts', 'worker/storage/database.ts'],
  ['hosts-know-the-engine-as-types', 'worker/hosts/support/deciding.ts', 'worker/engine/decide.ts'],
  ['hosts-ignore-each-other', 'worker/hosts/copying.ts', 'worker/hosts/github.ts'],
  ['hosts-ignore-each-other', 'worker/hosts/github/climbing.ts', 'worker/hosts/copying.ts'],
  ['hosts-ignore-each-other', 'worker/hosts/support/asking.ts', 'worker/hosts/github/app.ts'],
  ['triggers-are-leaves', 'worker/triggers/asking.ts', 'worker/hosts/github.ts'],
  ['triggers-know-the-engine-as-types', 'worker/triggers/deciding.ts', 'worker/engine/decide.ts'],
  ['triggers-ignore-each-other', 'worker/triggers/copying.ts', 'worker/triggers/github.ts'],
  ['hosts-and-triggers-are-handed-in', 'worker/services/connecting.ts', 'worker/hosts/github.ts'],
  ['only-main-sees-composition', 'worker/api/composing.ts', 'worker/composition.ts'],
  ['nothing-imports-main', 'worker/api/circling.ts', 'worker/main.ts'],
  ['drizzle-lives-in-storage', 'worker/services/querying.ts', 'node_modules/drizzle-orm'],
  ['better-auth-lives-in-auth', 'worker/api/signing-in.ts', 'node_modules/better-auth'],
  ['openid-client-lives-in-auth', 'worker/services/signing-on.ts', 'node_modules/openid-client'],
  ['aws4fetch-lives-in-aws', 'worker/services/signing.ts', 'node_modules/aws4fetch'],
  ['worker-never-imports-clients', 'worker/services/shelling.ts', 'cli/src/client/client.ts'],
  ['cli-knows-the-contract-and-the-pure-core', 'cli/src/cheating.ts', 'worker/storage/database.ts'],
  ['web-knows-the-contract-and-the-pure-core', 'web/src/lib/cheating.svelte', 'worker/storage/database.ts'],
  ['no-zod-in-the-browser', 'web/src/lib/parsing.svelte.ts', 'contract/names.ts'],
  ['local-is-a-client', 'local/cheating.ts', 'worker/storage/database.ts'],
  ['bench-is-a-client', 'bench/cheating.ts', 'worker/storage/database.ts'],
];

/** Imports beside which the rules draw their lines: these are fine. */
const ALLOWED: readonly (readonly [from: string, to: string, kind?: 'type'])[] = [
  ['contract/naming.ts', 'node_modules/zod'],
  ['worker/definition/reading.ts', 'contract/names.ts'],
  ['worker/definition/timing.ts', 'worker/calendar/cron.ts'],
  ['worker/api/typed.ts', 'worker/storage/database.ts', 'type'],
  ['worker/api/routes/thin.ts', 'worker/services/context.ts'],
  ['worker/services/typed.ts', 'worker/objects/pool/stub.ts', 'type'],
  ['worker/services/storing.ts', 'worker/storage/database.ts'],
  ['worker/effects/typed.ts', 'worker/engine/decide.ts', 'type'],
  ['worker/objects/deciding.ts', 'worker/engine/decide.ts'],
  ['worker/providers/registry.ts', 'worker/providers/delay.ts'],
  ['worker/providers/typed.ts', 'worker/providers/provider.ts', 'type'],
  ['worker/hosts/registry.ts', 'worker/hosts/github.ts'],
  ['worker/hosts/typed.ts', 'worker/engine/decide.ts', 'type'],
  ['worker/hosts/github.ts', 'worker/hosts/github/app.ts'],
  ['worker/hosts/github/app.ts', 'worker/hosts/support/path.ts'],
  ['worker/services/connected.ts', 'worker/hosts/github.ts', 'type'],
  ['worker/services/receiving.ts', 'worker/triggers/trigger-source.ts'],
  ['worker/triggers/typed.ts', 'worker/triggers/trigger-source.ts', 'type'],
  ['worker/storage/querying.ts', 'node_modules/drizzle-orm'],
  ['worker/main.ts', 'worker/composition.ts'],
  ['cli/src/checking.ts', 'worker/definition/parse.ts'],
  ['web/src/lib/typed.ts', 'contract/names.ts', 'type'],
  ['web/test/reading.ts', 'web/src/lib/typed.ts'],
  ['local/starting.ts', 'cli/src/client/client.ts'],
];

describe('the tree', () => {
  it('keeps to its layers, and all of it is read', async () => {
    const { summary, modules } = await cruise(root);
    expect(summary.violations).toEqual([]);
    expect(modules.filter(({ source }) => /^worker\/.*\.ts$/.test(source)).length).toBeGreaterThan(100);
    expect(modules.filter(({ source }) => /^web\/.*\.svelte$/.test(source)).length).toBeGreaterThan(50);
    expect(summary.totalDependenciesCruised).toBeGreaterThan(1000);
  }, 60_000);
});

describe('the rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-layers-'));
  let summary: ICruiseResult['summary'];

  beforeAll(async () => {
    plant(folder);
    ({ summary } = await cruise(folder));
  }, 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('have a violation planted of each', () => {
    const names = summary.ruleSetUsed?.forbidden?.map(({ name }) => name);
    expect([...new Set(PLANTS.map(([rule]) => rule))]).toEqual(names);
  });

  it.each(PLANTS)('report %s: %s to %s', (rule, from, to) => {
    const reported = summary.violations.filter(
      (violation) => violation.rule.name === rule && violation.from === from,
    );
    expect(reported.map((violation) => violation.to)).toEqual([expect.stringMatching(`^${to}(/index\\.js)?$`)]);
  });

  it.each(ALLOWED)('let pass: %s to %s', (from) => {
    expect(summary.violations.filter((violation) => violation.from === from)).toEqual([]);
  });
});

/** A small tree of the same shape as the real one, under the real rules. */
function plant(folder: string): void {
  const sources = new Map<string, string[]>();
  const grow = (file: string): string[] => sources.get(file) ?? sources.set(file, []).get(file) ?? [];
  const add = (from: string, to: string, kind = ''): void => {
    if (from !== to) grow(from).push(`import ${kind} { it } from '${specifier(from, to)}'; void (0 as typeof it);`);
    if (!/^(node_modules|\.)/.test(to)) grow(to);
  };
  for (const [, from, to] of PLANTS) add(from, to);
  for (const [from, to, kind] of ALLOWED) add(from, to, kind);
  add('worker/kernel/hen.ts', 'worker/kernel/egg.ts');

  for (const [file, lines] of sources) {
    const code = lines.join('\n');
    write(folder, file, file.endsWith('.svelte') ? `<script lang="ts">\n${code}\n</script>\n` : code);
  }
  for (const name of ['zod', 'drizzle-orm', 'better-auth', 'openid-client', 'aws4fetch']) {
    write(folder, `node_modules/${name}/package.json`, JSON.stringify({ name, exports: './index.js' }));
    write(folder, `node_modules/${name}/index.js`, '');
  }
  for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    copyFileSync(join(root, file), join(folder, file));
  }
}

function specifier(from: string, to: string): string {
  if (to.startsWith('.')) return to;
  if (to.startsWith('node_modules/')) return to.slice('node_modules/'.length);
  const path = relative(dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
