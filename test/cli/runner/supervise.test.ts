import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobFolder } from '../../../cli/src/runner/job-folder.ts';
import { aJobFolder, runToEnd, supervise } from '../../support/cli/jobs.ts';
import { gone, isRunning, sessionMembers } from '../../support/cli/processes.ts';
import { untilTrue, written } from '../../support/cli/until.ts';

/** A job whose script is this text, without what the runner adds to commands. */
async function aJob(script: string, timeoutMs = 60_000): Promise<JobFolder> {
  const folder = await aJobFolder({ timeoutMs });
  await writeFile(join(folder.path, 'script.sh'), script);
  return folder;
}

const inFolder = (folder: JobFolder, name: string): string => join(folder.path, name);

async function pidIn(file: string): Promise<number> {
  return Number(await written(file));
}

async function outputHas(folder: JobFolder, text: string): Promise<void> {
  await untilTrue(`"${text}" in the output`, async () =>
    (await readFile(folder.outputLog, 'utf8').catch(() => '')).includes(text),
  );
}

/** The job may say something before its supervisor has written down whom to signal. */
async function signal(folder: JobFolder, name: NodeJS.Signals): Promise<boolean> {
  await written(inFolder(folder, 'group'));
  return folder.signal(name);
}

describe('the end of a job', () => {
  it('is written down with its exit code, and the supervisor itself says nothing', async () => {
    const folder = await aJob('exit 7');
    expect(await supervise(folder).ended).toEqual({ code: 0, said: '' });
    expect(await readFile(inFolder(folder, 'exit'), 'utf8')).toBe('7\n');
    expect(await folder.standing()).toEqual({ kind: 'Exited', code: 7, isTimedOut: false });
  });

  it.each([
    ['succeeds', 'true', 0],
    ['is not a program', 'no-such-program-anywhere', 127],
    ['cannot be parsed', 'if then else (', 2],
    ['kills itself', 'kill -KILL $$', 137],
  ])('is told apart when the script %s', async (_, script, code) => {
    expect((await runToEnd(await aJob(script))).code).toBe(code);
  });

  it('takes what the job left running in its group with it', async () => {
    const folder = await aJob('sleep 1000 & echo $! > ../left; exit 0');
    expect((await runToEnd(folder)).code).toBe(0);
    await gone(await pidIn(inFolder(folder, 'left')));
  });

  it('leaves no process of the supervisor behind, however short the job was', async () => {
    for (let run = 0; run < 20; run += 1) {
      const { pid, ended } = supervise(await aJob('exit 0'));
      await ended;
      await untilTrue(`nothing to be left in session ${pid}`, async () => (await sessionMembers(pid)).length === 0);
    }
  });
});

describe('the output of a job', () => {
  it('is spooled from both streams, in order and to the byte', async () => {
    const folder = await aJob(`printf 'one\\n'; printf '\\033[31mtwo\\033[0m\\n' >&2; printf '\\000\\377 three'`);
    await runToEnd(folder);
    const expected = Buffer.concat([
      Buffer.from('one\n\u001b[31mtwo\u001b[0m\n'),
      Buffer.from([0, 255]),
      Buffer.from(' three'),
    ]);
    expect(await readFile(folder.outputLog)).toEqual(expected);
  });

  it('can be read while the job runs', async () => {
    const folder = await aJob('printf first; while [ ! -e ../go ]; do sleep 0.02; done; printf " last"');
    const { ended } = supervise(folder);
    await outputHas(folder, 'first');
    expect((await folder.standing()).kind).toBe('Running');
    await writeFile(inFolder(folder, 'go'), '');
    await ended;
    expect(await readFile(folder.outputLog, 'utf8')).toBe('first last');
  });

  it('is all there is: the job finds an empty standard input', async () => {
    expect((await runToEnd(await aJob('cat; echo end'))).output).toBe('end\n');
  });
});

describe('the start of a job', () => {
  it('happens once, however many supervisors there are', async () => {
    const folder = await aJob('echo ran');
    const ends = await Promise.all(Array.from({ length: 8 }, () => supervise(folder).ended));
    expect(ends).toEqual(ends.map(() => ({ code: 0, said: '' })));
    expect(await readFile(folder.outputLog, 'utf8')).toBe('ran\n');
  });

  it('is left to the supervisor that came first while the job runs, and after', async () => {
    const folder = await aJob('echo ran; while [ ! -e ../go ]; do sleep 0.02; done; exit 3');
    const first = supervise(folder);
    await outputHas(folder, 'ran');
    const started = await readFile(inFolder(folder, 'started'), 'utf8');
    expect(Number(started.split(' ')[0])).toBe(first.pid);
    expect(await supervise(folder).ended).toEqual({ code: 0, said: '' });
    await writeFile(inFolder(folder, 'go'), '');
    await first.ended;
    await supervise(folder).ended;
    expect(await readFile(inFolder(folder, 'started'), 'utf8')).toBe(started);
    expect(await folder.standing()).toMatchObject({ kind: 'Exited', code: 3 });
    expect(await readFile(folder.outputLog, 'utf8')).toBe('ran\n');
  });

  it('does not happen when the job is void', async () => {
    const folder = await aJob('echo ran');
    expect(await folder.void()).toBe(true);
    expect(await supervise(folder).ended).toEqual({ code: 0, said: '' });
    expect(existsSync(folder.outputLog)).toBe(false);
    expect((await folder.standing()).kind).toBe('NotStarted');
  });
});

describe('a signal to a job', () => {
  it('reaches all of its processes, not the supervisor', async () => {
    const folder = await aJob('sleep 1000 & echo $! > ../child; (sleep 1000 & echo $! > ../grandchild; wait) & wait');
    const { ended } = supervise(folder);
    const pids = await Promise.all(['child', 'grandchild'].map((name) => pidIn(inFolder(folder, name))));
    expect(await signal(folder, 'SIGTERM')).toBe(true);
    expect((await ended).code).toBe(0);
    await Promise.all(pids.map(gone));
    expect(await folder.standing()).toMatchObject({ kind: 'Exited', code: 143 });
  });

  it('lets the running command clean up before the job ends', async () => {
    const command = `sh -c 'trap "sleep 0.3; echo cleaned up; exit 0" TERM; echo ready; while :; do sleep 0.02; done'`;
    const folder = await aJobFolder({ commands: [command, 'echo ne""xt'] });
    const { ended } = supervise(folder);
    await outputHas(folder, '\nready');
    await signal(folder, 'SIGTERM');
    await ended;
    const output = await readFile(folder.outputLog, 'utf8');
    expect(output).toContain('\ncleaned up\n');
    expect(output).not.toContain('next');
    expect(await folder.standing()).toMatchObject({ kind: 'Exited', code: 143 });
  });

  it('ends even what does not want to end, grandchildren included, when it is SIGKILL', async () => {
    const stubborn = `trap '' TERM; sleep 1000 & echo $! > ../grandchild; while :; do sleep 0.02; done`;
    const folder = await aJob(
      `trap '' TERM\nsh -c '${stubborn.replaceAll("'", `'"'"'`)}' & echo $! > ../child; while :; do sleep 0.02; done`,
    );
    const { ended } = supervise(folder);
    const pids = await Promise.all(['child', 'grandchild'].map((name) => pidIn(inFolder(folder, name))));
    await signal(folder, 'SIGTERM');
    expect(await Promise.all(pids.map(isRunning))).toEqual([true, true]);
    await signal(folder, 'SIGKILL');
    await ended;
    await Promise.all(pids.map(gone));
    expect(await folder.standing()).toMatchObject({ kind: 'Exited', code: 137 });
  });
});

describe('the time limit of a job', () => {
  it('ends it and is told apart from a failure', async () => {
    const folder = await aJob('echo before; sleep 1000; echo after', 1_000);
    expect(await runToEnd(folder)).toEqual({ code: 143, output: 'before\n' });
    expect(await folder.standing()).toEqual({ kind: 'Exited', code: 143, isTimedOut: true });
  });
});
