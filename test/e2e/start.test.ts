import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionSummary } from '../../contract/executions.ts';
import type { PipelineSummary } from '../../contract/pipelines.ts';
import { type Ending, LocalServer } from '../support/local-server.ts';
import { descendantsOf, survivorsOf } from '../support/processes.ts';

interface Page<Item> {
  readonly items: readonly Item[];
}

const DEFINITION = `
name: kept
stages:
  - { name: Only, actions: [{ name: Wait, type: Invoke/Delay, configuration: { Seconds: 0 } }] }
`;

describe('npm start', () => {
  let server: LocalServer;

  beforeAll(async () => {
    server = await LocalServer.create();
    await server.start();
  });
  afterAll(() => server.remove());

  it('says where it is, who may sign in and that the demo runs', () => {
    const { url, email, password } = server.demo;
    expect(server.output).toContain(`Millrace is at ${url}\n`);
    expect(server.output).toContain(`Sign in as ${email} with ${password} (kept in ${server.stateDir}/demo.json)\n`);
    expect(server.output).toMatch(/^The demo is running: http:\/\/localhost:\d+\/executions\/[a-z0-9-]+$/m);
  });

  it('keeps its secrets from other users', () => {
    for (const file of ['demo.json', 'secrets.json']) {
      expect(`${file} ${(statSync(join(server.stateDir, file)).mode & 0o777).toString(8)}`).toBe(`${file} 600`);
    }
  });

  it('listens on this machine alone', async () => {
    const listening = await listeningOf(server.pid);
    expect(listening).toContain(`127.0.0.1:${server.port}`);
    expect(listening.filter((address) => !/^(127\.0\.0\.1|\[::1\]):/.test(address))).toEqual([]);
  });

  it('runs once in a state folder', async () => {
    const second = await LocalServer.create();
    const ending = await second.startInVain({ MILLRACE_STATE_DIR: server.stateDir });
    await second.remove();
    expectOneSentence(ending, /^millrace: Millrace is running already with this state folder \(process \d+\)\.$/);
    expect((await fetch(`${server.demo.url}/api/v1/health`)).status).toBe(200);
  });

  it('lets nobody try passwords without end, whatever address they say they have', { timeout: 120_000 }, async () => {
    const { url } = server.demo;
    const guess = (attempt: number): Promise<Response> =>
      fetch(`${url}/api/auth/sign-in/email`, {
        method: 'POST',
        body: JSON.stringify({ email: 'nobody@example.com', password: `guess number ${attempt}` }),
        headers: {
          'content-type': 'application/json',
          origin: url,
          'cf-connecting-ip': `203.0.113.${attempt}`,
        },
      });
    const statuses: number[] = [];
    // The minute may end in between, and then the count begins again.
    while (statuses.length < 42 && statuses.at(-1) !== 429) statuses.push((await guess(statuses.length)).status);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.slice(0, 18)).not.toContain(429);
  });

  it('ends at Ctrl-C with code 0 and leaves nothing behind', async () => {
    const [demo] = await executionsOf(server, 'greeter');
    await server.until(demo!.id, ({ stages }) =>
      stages.some(({ actions }) => actions.some(({ activity }) => activity === 'AwaitingApproval')),
    );
    const processes = await descendantsOf(server.pid);
    expect(processes.map(({ command }) => command).join('\n')).toMatch(/workerd[\s\S]*main\.ts runner/);

    expect(await server.stop()).toBe(0);

    expect(await survivorsOf(processes)).toEqual([]);
    expect(server.output).toMatch(/\nStopping …\n$/);
  });

  it('keeps everything until the second start', async () => {
    await server.start();
    await server.save('kept', DEFINITION);
    const { id } = await server.startExecution('kept');
    const ended = await server.until(id, ({ endedAt }) => endedAt !== null);
    expect(ended.status).toBe('Succeeded');
    const [demo, executions] = [server.demo, await executionsOf(server, 'greeter')];
    await server.stop();

    await server.start();

    expect(server.demo).toEqual(demo);
    expect(server.output).not.toContain('The demo is running');
    const { items } = (await server.client.get('/pipelines')) as Page<PipelineSummary>;
    expect(items.map(({ name }) => name).sort()).toEqual(['greeter', 'kept']);
    expect(await server.execution(id)).toEqual(ended);
    expect(await executionsOf(server, 'greeter')).toEqual(executions);
    expect(executions.map(({ attention }) => attention)).toEqual(['Approval']);
    expect(await server.stop()).toBe(0);
  });

  it('names a damaged database and does not start on it', async () => {
    const folder = join(server.stateDir, 'data', 'd1');
    const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
      (name) => name.endsWith('.sqlite') && !name.includes('metadata'),
    );
    const database = join(folder, file!);
    writeFileSync(database, Buffer.concat([Buffer.alloc(100), readFileSync(database).subarray(100)]));

    const ending = await server.startInVain();

    expectOneSentence(ending, /^millrace: The database \S+ is damaged\. Restore it, or delete the state folder/);
    expect(ending.output).toContain(database);
  });
});

describe('npm start says in one sentence', () => {
  let server: LocalServer;

  beforeEach(async () => {
    server = await LocalServer.create();
  });
  afterEach(() => server.remove());

  it('who has the port', async () => {
    const other = await listenOn(server.port);
    const ending = await server.startInVain();
    await new Promise((resolve) => other.close(resolve));
    expectOneSentence(
      ending,
      new RegExp(`^millrace: Port ${server.port} is taken.*PORT=${server.port + 1} npm start`),
    );
  });

  it('that PORT is none', async () => {
    expectOneSentence(await server.startInVain({ PORT: 'eighty' }), /^millrace: PORT=eighty is not a port\.$/);
  });

  it('that a file is where the state folder should be', async () => {
    const file = join(server.stateDir, 'file');
    writeFileSync(file, 'not a folder');
    const ending = await server.startInVain({ MILLRACE_STATE_DIR: file });
    expectOneSentence(ending, /^millrace: The state folder cannot be \S+\/file \(there is a file in its place\)\./);
    expect(readFileSync(file, 'utf8')).toBe('not a folder');
  });

  it('that the state folder cannot be made', async () => {
    // Nobody can make folders there, root neither.
    const ending = await server.startInVain({ MILLRACE_STATE_DIR: '/sys/millrace' });
    expectOneSentence(
      ending,
      /^millrace: The state folder cannot be \/sys\/millrace \(it cannot be written: E\w+\)\./,
    );
  });

  it.each([
    { file: 'secrets.json', text: '{ "format": 1, "key": "cut o', says: /secrets\.json is damaged\./ },
    { file: 'secrets.json', text: '{ "format": 1 }', says: /secrets\.json is damaged\./ },
    { file: 'secrets.json', text: '{ "format": 99 }', says: /was made by another version of Millrace\./ },
    { file: 'demo.json', text: 'null', says: /demo\.json is damaged\./ },
  ])('that $file is $text', async ({ file, text, says }) => {
    writeFileSync(join(server.stateDir, file), text);
    expectOneSentence(await server.startInVain(), says);
    expect(readFileSync(join(server.stateDir, file), 'utf8')).toBe(text);
  });

  it('that the database is damaged', async () => {
    const folder = join(server.stateDir, 'data', 'd1');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'some.sqlite'), 'not a database at all');
    expectOneSentence(await server.startInVain(), /^millrace: The database \S+\/some\.sqlite is damaged\./);
  });
});

function expectOneSentence({ code, output }: Ending, sentence: RegExp): void {
  expect(output.trimEnd()).toMatch(sentence);
  expect(output.trimEnd().split('\n'), 'one line, no stack').toHaveLength(1);
  expect(code).toBe(1);
}

async function executionsOf(server: LocalServer, pipeline: string): Promise<readonly ExecutionSummary[]> {
  const page = (await server.client.get(`/pipelines/${pipeline}/executions`)) as Page<ExecutionSummary>;
  return page.items;
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

const LISTEN = '0A';

/** Every address that a process or one of its descendants listens on, as Linux tells. */
async function listeningOf(pid: number): Promise<readonly string[]> {
  const pids = [pid, ...(await descendantsOf(pid)).map((each) => each.pid)];
  const own = new Set(pids.flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(({ 3: state, 9: inode }) => state === LISTEN && own.has(`socket:[${inode}]`))
      .map(([, local = '']) => addressOf(local)),
  );
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch {
      return []; // closed since
    }
  });
}

/** From the hexadecimal of /proc/net/tcp. */
function addressOf(local: string): string {
  const [host = '', port = ''] = local.split(':');
  const at = Number.parseInt(port, 16);
  if (host === '00000000000000000000000001000000') return `[::1]:${at}`;
  if (host.length > 8) return `[${host}]:${at}`;
  const bytes = host.match(/../g) ?? [];
  return `${bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')}:${at}`;
}
