import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobPayload } from '../../../contract/runner-protocol.ts';
import { aJobFolder, runToEnd, withoutTitles } from '../../support/cli/jobs.ts';

async function run(...commands: readonly string[]): Promise<{ code: number; output: string }> {
  const { code, output } = await runToEnd(
    await aJobFolder({ commands: [...commands] } satisfies Partial<JobPayload>),
  );
  return { code, output: withoutTitles(output) };
}

describe('commands', () => {
  it('run in order', async () => {
    expect(await run('echo one', 'echo two', 'echo three')).toEqual({ code: 0, output: 'one\ntwo\nthree\n' });
  });

  it('stop at the first that fails, and the job has its exit code', async () => {
    expect(await run('echo one', '(exit 42)', 'echo never')).toEqual({ code: 42, output: 'one\n' });
  });

  it('stop at the first that fails inside a command of many lines', async () => {
    expect(await run('echo one\nfalse\necho never', 'echo never')).toEqual({ code: 1, output: 'one\n' });
  });

  it('end with what exit says', async () => {
    expect(await run('echo one', 'exit 0', 'echo never')).toEqual({ code: 0, output: 'one\n' });
    expect(await run('exit 9')).toEqual({ code: 9, output: '' });
  });

  it('may span lines: functions, loops, here-documents', async () => {
    const command = `greet() {\n  echo "hello $1"\n}\nfor who in a b; do\n  greet "$who"\ndone\ncat <<'END'\n$verbatim\nEND`;
    expect(await run(command)).toEqual({ code: 0, output: 'hello a\nhello b\n$verbatim\n' });
  });

  it('share one shell: a folder and a variable carry over', async () => {
    expect(await run('mkdir sub', 'cd sub', 'X=1', 'echo "$X ${PWD##*/}"')).toEqual({ code: 0, output: '1 sub\n' });
  });

  it('may end in a comment', async () => {
    expect(await run('echo one # and only', 'echo two')).toEqual({ code: 0, output: 'one\ntwo\n' });
  });

  it('begin in the workspace', async () => {
    const folder = await aJobFolder({ commands: ['pwd'] });
    expect(withoutTitles((await runToEnd(folder)).output)).toBe(`${folder.workspace}\n`);
  });
});

describe('the title above a command', () => {
  it.each([
    ['quotes', `echo 'it'"'"'s' > /dev/null`],
    ['percent signs and backslashes', String.raw`: 100%s \n \033[0m \\`],
    ['what the shell would expand', ': $HOME $(echo no) `echo no` *'],
    ['more than ASCII', ': grüße 🚀'],
  ])('shows %s as they are written', async (_, command) => {
    expect((await runToEnd(await aJobFolder({ commands: [command] }))).output).toBe(
      `\u001b[1;36m$ ${command}\u001b[0m\n`,
    );
  });

  it('is the first of many lines', async () => {
    const { output } = await runToEnd(await aJobFolder({ commands: ['\n: one\n: two\n'] }));
    expect(output).toBe('\u001b[1;36m$ : one …\u001b[0m\n');
  });

  it('is the last thing in the output when its command fails without a word', async () => {
    const folder = await aJobFolder({ commands: ['true', 'false'] });
    await runToEnd(folder);
    const lines = (await readFile(join(folder.path, 'output.log'), 'utf8')).trimEnd().split('\n');
    expect(lines.at(-1)).toContain('$ false');
  });
});
