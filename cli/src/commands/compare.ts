import type { Command } from 'commander';
import { Comparison } from '../../../contract/compare.ts';
import { Client } from '../client/client.ts';
import { describeComparison } from '../client/comparison.ts';
import { findServer } from '../client/find-server.ts';

interface Options {
  readonly url?: string;
  readonly token?: string;
  readonly json?: true;
}

export function compareCommand(program: Command): void {
  program
    .command('compare')
    .argument('<a>', 'id of the execution to compare with')
    .argument('<b>', 'id of the execution to look at')
    .description('Say what is different between two executions')
    .option('--json', 'as the API answers it')
    .option('--url <url>', 'the Millrace server')
    .option('--token <token>', 'a token of kind "service"; better given as MILLRACE_TOKEN')
    .action((a: string, b: string, options: Options) => compare(a, b, options));
}

async function compare(a: string, b: string, options: Options): Promise<void> {
  const { server } = await findServer(options);
  const path = `/executions/${encodeURIComponent(a)}/compare/${encodeURIComponent(b)}`;
  const answer = Comparison.parse(await new Client(server).get(path));
  const lines = options.json === true ? [JSON.stringify(answer, null, 2)] : describeComparison(answer);
  for (const line of lines) console.log(line);
}
