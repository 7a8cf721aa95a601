import type { Command } from 'commander';
import { ExecutionWhy } from '../../../contract/why.ts';
import { Client } from '../client/client.ts';
import { explain } from '../client/explain.ts';
import { findServer } from '../client/find-server.ts';

interface Options {
  readonly url?: string;
  readonly token?: string;
  readonly stage?: string;
  readonly action?: string;
  readonly json?: true;
}

export function whyCommand(program: Command): void {
  program
    .command('why')
    .argument('<execution>', 'its id')
    .description('Say why an execution does not move: what holds it up, and who is to act next')
    .option('--stage <stage>', 'only this stage')
    .option('--action <action>', 'only this action of the stage')
    .option('--json', 'as the API answers it')
    .option('--url <url>', 'the Millrace server')
    .option('--token <token>', 'a token of kind "service"; better given as MILLRACE_TOKEN')
    .action((execution: string, options: Options) => why(execution, options));
}

async function why(execution: string, options: Options): Promise<void> {
  const path = pathOf(execution, options);
  const { server } = await findServer(options);
  const answer = ExecutionWhy.parse(await new Client(server).get(path));
  const lines = options.json === true ? [JSON.stringify(answer, null, 2)] : explain(answer);
  for (const line of lines) console.log(line);
}

function pathOf(execution: string, { stage, action }: Options): string {
  const of = `/executions/${encodeURIComponent(execution)}`;
  if (stage === undefined && action !== undefined) throw new Error('--action needs --stage.');
  if (stage === undefined) return `${of}/why`;
  const name = encodeURIComponent(stage);
  return action === undefined
    ? `${of}/stages/${name}/why`
    : `${of}/actions/${name}/${encodeURIComponent(action)}/why`;
}
