import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JobFolder } from '../../../cli/src/runner/job-folder.ts';
import { isSameProcess, startTimeOf } from '../../../cli/src/runner/process-identity.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aJobFolder, aPayload, runToEnd, supervise } from '../../support/cli/jobs.ts';
import { aBystander, gone } from '../../support/cli/processes.ts';
import { written } from '../../support/cli/until.ts';

describe('a job folder', () => {
  it('begins with an empty workspace, whatever an earlier one of that name left', async () => {
    const root = await aFolder();
    const payload = aPayload({ commands: ['echo left > file; echo "A=1" >> "$MILLRACE_OUTPUT"'] });
    const first = await JobFolder.create(root, payload, 'token');
    await runToEnd(first);
    expect(existsSync(join(first.workspace, 'file'))).toBe(true);
    const second = await JobFolder.create(root, payload, 'token');
    expect(second.path).toBe(first.path);
    expect(existsSync(join(second.workspace, 'file'))).toBe(false);
    expect(await readFile(second.outputVariables, 'utf8')).toBe('');
    expect(await second.standing()).toEqual({ kind: 'NotStarted' });
  });

  it('goes with all that is in it', async () => {
    const folder = await aJobFolder({ commands: ['mkdir -p a/b; touch a/b/c; chmod 500 a/b; ln -s / root'] });
    await runToEnd(folder);
    await folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });

  it('can be read by nobody else, the token that it holds above all', async () => {
    const folder = await aJobFolder();
    const modes = ['.', 'job.json', 'script.sh', 'output'].map(
      async (name) => (await stat(join(folder.path, name))).mode & 0o077,
    );
    expect(await Promise.all(modes)).toEqual([0, 0, 0, 0]);
  });

  it('has a name of its own inside the root, whatever the job is called', async () => {
    const root = await aFolder();
    const names = ['e:S/a:1', 'e:S/a:2', 'e_S_a_1', '../../../outside', `long ${'x'.repeat(300)}`, '.', 'ünï'];
    const paths = await Promise.all(
      names.map(async (job) => (await JobFolder.create(root, aPayload({ job }), 'token')).path),
    );
    expect(new Set(paths).size).toBe(names.length);
    for (const path of paths) expect(join(path, '..')).toBe(root);
    const found = (await JobFolder.all(root)).map(({ payload }) => payload.job);
    expect(found.sort()).toEqual([...names].sort());
  });

  it('comes back from disk with what it is about', async () => {
    const root = await aFolder();
    const payload = aPayload({ environment: { A: 'ä\n"' }, commands: ['one', 'two\nthree'] });
    await JobFolder.create(root, payload, 'the token');
    const [found] = await JobFolder.all(root);
    expect(found).toMatchObject({ payload, token: 'the token' });
  });

  it('that a crash left half made goes, and takes no other with it', async () => {
    const root = await aFolder();
    await JobFolder.create(root, aPayload(), 'token');
    await mkdir(join(root, 'half', 'workspace'), { recursive: true });
    await mkdir(join(root, 'torn'));
    await writeFile(join(root, 'torn', 'job.json'), '{"payload":{"job":"x"');
    expect(await JobFolder.all(root)).toHaveLength(1);
    expect(existsSync(join(root, 'half'))).toBe(false);
    expect(existsSync(join(root, 'torn'))).toBe(false);
  });

  it('keeps a result, its acknowledgement and how far the log is', async () => {
    const folder = await aJobFolder();
    expect(await folder.result()).toBeUndefined();
    expect(await folder.isAcknowledged()).toBe(false);
    expect(await folder.logStanding()).toBeUndefined();
    const result = { outcome: 'failed' as const, exitCode: 1, message: 'no', variables: {}, artifacts: [] };
    await folder.keepResult(result);
    await folder.acknowledge();
    await folder.keepLogStanding({ sealed: 12, isComplete: false });
    expect(await folder.result()).toEqual(result);
    expect(await folder.isAcknowledged()).toBe(true);
    expect(await folder.logStanding()).toEqual({ sealed: 12, isComplete: false });
  });

  it('whose note about the log was torn by a crash sends the log from the beginning', async () => {
    const folder = await aJobFolder();
    await writeFile(join(folder.path, 'log.json'), '{"sealed":1');
    expect(await folder.logStanding()).toEqual({ sealed: 0, isComplete: false });
  });
});

describe('how a job stands', () => {
  it('is running while the supervisor that began it lives', async () => {
    const folder = await aJobFolder({ commands: ['echo up > ../up; sleep 1000'] });
    const { pid } = supervise(folder);
    await written(join(folder.path, 'up'));
    expect(await folder.standing()).toEqual({
      kind: 'Running',
      supervisor: { pid, startTime: await startTimeOf(pid) },
    });
  });

  it('is vanished once the supervisor is gone without a word', async () => {
    const folder = await aJobFolder({ commands: ['echo up > ../up; sleep 1000'] });
    const { pid, ended } = supervise(folder);
    await written(join(folder.path, 'up'));
    await written(join(folder.path, 'group'));
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(await folder.standing()).toEqual({ kind: 'Vanished' });
    // Its job has lost its supervisor, not its life.
    expect(await folder.signal('SIGKILL')).toBe(true);
    await ended;
  });

  it('is not running when another process has got the number of its supervisor', async () => {
    const folder = await aJobFolder();
    const { pid } = await aBystander();
    const startTime = (await startTimeOf(pid)) ?? 0;
    await writeFile(join(folder.path, 'started'), `${pid} ${startTime}\n`);
    expect((await folder.standing()).kind).toBe('Running');
    await writeFile(join(folder.path, 'started'), `${pid} ${startTime - 1}\n`);
    expect((await folder.standing()).kind).toBe('Vanished');
  });

  it('is believed only from a whole line', async () => {
    const folder = await aJobFolder();
    const { pid } = await aBystander();
    await writeFile(join(folder.path, 'started'), String(pid));
    expect((await folder.standing()).kind).toBe('NotStarted');
    await writeFile(join(folder.path, 'started'), `${pid} 0\n`);
    await writeFile(join(folder.path, 'exit'), '1');
    expect((await folder.standing()).kind).toBe('Running');
    await writeFile(join(folder.path, 'exit'), '130\n');
    expect(await folder.standing()).toEqual({ kind: 'Exited', code: 130, isTimedOut: false });
  });

  it('can be made void as long as nobody began it, and stays so', async () => {
    const folder = await aJobFolder();
    expect(await folder.void()).toBe(true);
    expect(await folder.void()).toBe(true);
    const begun = await aJobFolder();
    await runToEnd(begun);
    expect(await begun.void()).toBe(false);
    expect((await begun.standing()).kind).toBe('Exited');
  });
});

describe('a signal', () => {
  it('has no effect before the job has begun', async () => {
    expect(await (await aJobFolder()).signal('SIGTERM')).toBe(false);
  });

  it('never reaches a stranger that has got the number of the job', async () => {
    const folder = await aJobFolder();
    const stranger = await aBystander();
    const startTime = (await startTimeOf(stranger.pid)) ?? 0;
    await writeFile(join(folder.path, 'group'), `${stranger.pid} ${startTime - 1}\n`);
    expect(await folder.signal('SIGKILL')).toBe(false);
    expect(await isSameProcess({ pid: stranger.pid, startTime })).toBe(true);
    await writeFile(join(folder.path, 'group'), `${stranger.pid} ${startTime}\n`);
    expect(await folder.signal('SIGKILL')).toBe(true);
    expect(await stranger.ended).toBe('SIGKILL');
  });
});

describe('a process', () => {
  it('is the same only with the same start', async () => {
    const startTime = await startTimeOf(process.pid);
    expect(startTime).toBeGreaterThan(0);
    expect(await isSameProcess({ pid: process.pid, startTime: startTime ?? 0 })).toBe(true);
    expect(await isSameProcess({ pid: process.pid, startTime: (startTime ?? 0) + 1 })).toBe(false);
  });

  it('is the same by its number alone where the system does not tell when it started', async () => {
    expect(await isSameProcess({ pid: process.pid, startTime: 0 })).toBe(true);
  });

  it('is nobody when there is none', async () => {
    const { pid, ended } = await aBystander();
    const startTime = (await startTimeOf(pid)) ?? 0;
    process.kill(pid, 'SIGKILL');
    await ended;
    expect(await isSameProcess({ pid, startTime })).toBe(false);
    expect(await startTimeOf(pid)).toBeUndefined();
  });
});
