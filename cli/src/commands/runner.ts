import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { Runner } from '../runner/runner.ts';
import { knownRegistration, register, registrationFile } from '../runner/registration.ts';
import { lockFolder } from '../runner/lock.ts';
import { VERSION } from '../version.ts';

interface Options {
  readonly url: string;
  readonly token?: string;
  readonly registrationToken?: string;
  readonly state: string;
  readonly pool: string;
  readonly name?: string;
  readonly labels: readonly string[];
  readonly slots: number;
  readonly attached?: true;
}

export function runnerCommand(program: Command): void {
  program
    .command('runner')
    .description('Connect to a pool and run its jobs on this machine')
    .requiredOption('--url <url>', 'the Millrace server', process.env['MILLRACE_URL'])
    .option(
      '--registration-token <token>',
      'registers this runner, once; better given as MILLRACE_REGISTRATION_TOKEN',
      process.env['MILLRACE_REGISTRATION_TOKEN'],
    )
    .option(
      '--token <token>',
      'a token of kind "runner", for a folder that is not registered; better given as MILLRACE_TOKEN',
      process.env['MILLRACE_TOKEN'],
    )
    .option('--state <folder>', 'where jobs are kept', join(homedir(), '.millrace-runner'))
    .option('--pool <name>', 'the pool to serve', 'default')
    .option('--name <name>', 'how the runner is shown; the host name if left out')
    .option('--labels <labels>', 'what this machine has, separated by commas', list, [])
    .option('--slots <n>', 'how many jobs at once', whole, availableParallelism())
    .option('--attached', 'leave when standard input closes; running jobs stay with their supervisors')
    .addHelpText('after', '\nSIGTERM or Ctrl-C: finish the running jobs, then leave. A second time: cancel them.')
    .action((options: Options) => serve(options));
}

async function serve(options: Options): Promise<void> {
  const { url, state, pool, name, labels, slots, attached } = options;
  if (process.platform === 'win32') throw new Error('The runner needs a POSIX shell; on Windows, run it in WSL.');
  const stateDir = resolve(state);
  await lockFolder(stateDir);
  const log = (line: string): void => console.log(`runner: ${line}`);
  const { token, identity } = await credentials(stateDir, options);
  const server = { url, token };
  const runner = new Runner({ server, stateDir, identity, pool, name, labels, slots, version: VERSION, log });
  let isDraining = false;
  const onSignal = (): void => {
    if (attached === true) {
      runner.leave();
      return;
    }
    if (isDraining) {
      log(`Cancelling ${runner.running} running jobs.`);
      void runner.cancelAll();
      return;
    }
    isDraining = true;
    log(`Draining: ${runner.running} jobs to finish. Once more to cancel them.`);
    runner.drain();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (attached === true) process.stdin.on('end', () => runner.leave()).resume();
  const refusal = await runner.run();
  if (refusal !== '' && identity !== undefined) {
    const again = `To register this runner anew, remove ${registrationFile(stateDir)} and give --registration-token.`;
    throw new Error(`${refusal} ${again}`);
  }
  if (refusal !== '') throw new Error(refusal);
  process.exit(0);
}

/** A folder that was registered once stays so: a service may be started with the same, used up, token again and again. */
async function credentials(
  stateDir: string,
  { url, token, registrationToken, name }: Options,
): Promise<{ readonly token: string; readonly identity: string | undefined }> {
  const known = await knownRegistration(stateDir, url);
  if (known !== undefined) return { token: known.token, identity: known.runner };
  if (registrationToken !== undefined) {
    const made = await register(stateDir, { url, token: registrationToken, name });
    return { token: made.token, identity: made.runner };
  }
  if (token === undefined) throw new Error('Give --registration-token once, or a --token of kind "runner".');
  return { token, identity: undefined };
}

function list(text: string): readonly string[] {
  return text.split(',').filter((label) => label !== '');
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64) {
    throw new InvalidArgumentError('Give a number from 1 to 64.');
  }
  return value;
}
