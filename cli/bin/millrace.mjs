#!/usr/bin/env node
// The sources are TypeScript that Node runs as it is, from version 22.18 on. An older Node hands over to the one that was
// installed beside us.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  await import(main);
} else {
  const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
  const { status, error } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error) console.error(`millrace needs Node 24; found ${process.versions.node} and none at ${node}. Run npm ci.`);
  process.exitCode = error ? 1 : (status ?? 1);
}
