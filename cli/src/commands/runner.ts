import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { Runner } from '../runner/runner.ts';
import { lockFolder } from '../runner/lock.ts';
import { VERSION } from '../version.ts';

interface Options {
  readonly url: string;
  readonly token: string;
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
    .requiredOption(
      '--token <token>',
      'a token of kind "runner"; better given as MILLRACE_TOKEN',
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

async function serve({ url, token, state, pool, name, labels, slots, attached }: Options): Promise<void> {
  if (process.platform === 'win32') throw new Error('The runner needs a POSIX shell; on Windows, run it in WSL.');
  const stateDir = resolve(state);
  await lockFolder(stateDir);
  const log = (line: string): void => console.log(`runner: ${line}`);
  const runner = new Runner({ server: { url, token }, stateDir, pool, name, labels, slots, version: VERSION, log });
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
  if (refusal !== '') throw new Error(refusal);
  process.exit(0);
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
