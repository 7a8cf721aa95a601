import { Command } from 'commander';
import { ApiError } from './client/problem.ts';
import { auditCommand } from './commands/audit.ts';
import { compareCommand } from './commands/compare.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { runCommand } from './commands/run.ts';
import { runnerCommand } from './commands/runner.ts';
import { whyCommand } from './commands/why.ts';
import { VERSION } from './version.ts';

const program = new Command('millrace')
  .description('Continuous delivery from the command line')
  .version(VERSION)
  .showHelpAfterError();
reconcileCommand(program);
runCommand(program);
runnerCommand(program);
whyCommand(program);
compareCommand(program);
auditCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`millrace: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof ApiError) for (const { path, message } of error.errors) console.error(`  ${path}: ${message}`);
  process.exit(1);
}
