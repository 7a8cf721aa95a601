import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressOf } from './address.ts';
import { build } from './build.ts';
import { childrenOf } from './children.ts';
import { ClearError } from './clear-error.ts';
import { assertDatabaseIsWhole } from './databases.ts';
import { demoTenant, knownDemo, startDemo } from './demo.ts';
import { assertPortIsFree } from './port.ts';
import { RunnerProcess } from './runner-process.ts';
import { startServer } from './server.ts';
import { ServerLock } from './server-lock.ts';
import { StateFolder } from './state-folder.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SWEEP_EVERY_MS = 5 * 60_000;
const NOTE_EVERY_MS = 50;

/** `npm start`: the whole service on this machine. */
async function main(): Promise<void> {
  const port = portOf(process.env['PORT'] ?? '8787');
  const host = process.env['MILLRACE_HOST'] ?? '127.0.0.1';
  const state = StateFolder.open(resolve(root, process.env['MILLRACE_STATE_DIR'] ?? '.millrace'));
  const lock = await ServerLock.take(state);
  await assertPortIsFree(host, port);
  // Both throw at what is damaged, while nothing runs yet.
  knownDemo(state);
  assertDatabaseIsWhole(state);
  if (!process.argv.includes('--no-build')) await build(root, say);
  say('Starting …');
  const url = addressOf(host, port);
  // workerd is there long before it is ready, and from then on the next start must know it.
  const noting = setInterval(() => void lock.remember(childrenOf(process.pid)), NOTE_EVERY_MS);
  const server = await startServer({ root, state, host, port, url });
  clearInterval(noting);
  await lock.remember(childrenOf(process.pid));

  const { demo, isNew } = await demoTenant(state, url, join(root, 'examples', 'greeter'));
  const runner = new RunnerProcess({
    root,
    url,
    token: demo.runnerToken,
    stateDir: state.folder('runner'),
    onLine: say,
    onSpawn: () => void lock.remember(childrenOf(process.pid)),
  });
  runner.start();

  // Objects that lost their alarms are poked by the cron trigger; here, that is us.
  const worker = await server.getWorker();
  const sweep = (): void =>
    void worker.scheduled({ cron: '*/5 * * * *' }).catch((error: unknown) => {
      say(`The server has gone (${String(error)}). Start it again; nothing is lost.`);
      process.exit(1);
    });
  sweep();
  const sweeping = setInterval(sweep, SWEEP_EVERY_MS);

  say('');
  say(`Millrace is at ${url}`);
  say(`Sign in as ${demo.email} with ${demo.password} (kept in ${state.file('demo.json')})`);
  if (isNew) say(`The demo is running: ${await startDemo(demo)}`);
  say('Ctrl-C stops it; the next start goes on where it was.');

  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) process.exit(130);
    isStopping = true;
    say('Stopping …');
    clearInterval(sweeping);
    await runner.stop();
    await server.dispose();
    lock.release();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Miniflare listens too, and would leave at once with an exit code of its own.
    process.removeAllListeners(signal);
    process.on(signal, () => void stop());
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ClearError(`PORT=${text} is not a port.`);
}

function say(line: string): void {
  console.log(line);
}

main().catch((error: unknown) => {
  console.error(error instanceof ClearError ? `millrace: ${error.message}` : error);
  process.exit(1);
});
