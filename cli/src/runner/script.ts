/**
 * One shell for all commands, so that `cd` and variables carry over; the first one that fails ends it. A SIGTERM ends it too,
 * but not before the commands that it runs, which got the signal as well and may want to clean up.
 */
export function scriptOf(commands: readonly string[]): string {
  const steps = commands.map(
    (command) => `printf '\\033[1;36m$ %s\\033[0m\\n' ${quoted(titleOf(command))}\n${command}\n`,
  );
  return `trap 'wait; exit 143' TERM\nset -e\n${steps.join('')}`;
}

function titleOf(command: string): string {
  const [first = '', ...rest] = command.trim().split('\n');
  return rest.length === 0 ? first : `${first} …`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
