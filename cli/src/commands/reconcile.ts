import type { Command } from 'commander';
import { type Difference, Reconciliation } from '../../../contract/reconcile.ts';
import { Client } from '../client/client.ts';
import { findServer } from '../client/find-server.ts';

interface Options {
  readonly url?: string;
  readonly token?: string;
  readonly fix?: true;
}

type Sums = Omit<Reconciliation, 'differences' | 'nextCursor'>;

export function reconcileCommand(program: Command): void {
  program
    .command('reconcile')
    .description('Hold the index of history against the executions themselves, and say whether both are equal')
    .option('--fix', 'write what the executions say over the rows that differ')
    .option('--url <url>', 'the Millrace server')
    .option('--token <token>', 'a token of kind "service"; better given as MILLRACE_TOKEN')
    .action(async (options: Options) => {
      const { server } = await findServer(options);
      const isEqual = await reconcile(new Client(server), options.fix === true, (line) => console.log(line));
      process.exitCode = isEqual ? 0 : 1;
    });
}

/** True: everything was equal, or is now. */
export async function reconcile(client: Client, fix: boolean, say: (line: string) => void): Promise<boolean> {
  const sums: Sums = { compared: 0, equal: 0, pending: 0, different: 0, fixed: 0 };
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = new URLSearchParams({ fix: String(fix), ...(cursor === '' ? {} : { cursor }) });
    const page = Reconciliation.parse(await client.send('POST', `/reconcile?${query.toString()}`, {}));
    for (const key of Object.keys(sums) as (keyof Sums)[]) sums[key] += page[key];
    for (const difference of page.differences) say(describe(difference));
    cursor = page.nextCursor;
  }
  const { compared, equal, pending, different, fixed } = sums;
  say(`${compared} compared: ${equal} equal, ${pending} in motion, ${different} different, ${fixed} fixed.`);
  return different === fixed;
}

function describe({ execution, pipeline, number, kind, fields, fixed }: Difference): string {
  const name = `${pipeline ?? '?'} #${number ?? '?'} (${execution ?? '?'})`;
  const outcome = fixed ? ' Fixed.' : '';
  switch (kind) {
    case 'Different': {
      const details = fields.map(
        ({ field, index, object }) => `${field} is ${object ?? 'none'}, not ${index ?? 'none'}`,
      );
      return `${name}: ${details.join('; ')}.${outcome}`;
    }
    case 'Gone':
      return `${name}: nothing but its row is left.${outcome}`;
    case 'Missing':
      return `${name}: has no row.${outcome}`;
    case 'Watches':
      return `${pipeline ?? '?'}: watches something else than its version says.${outcome}`;
  }
}
