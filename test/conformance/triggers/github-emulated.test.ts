import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator, type Emulator } from 'emulate';
import { Octokit } from 'octokit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gitHubTrigger } from '../../../worker/triggers/github.ts';
import type { Parsed, RawDelivery } from '../../../worker/triggers/trigger-source.ts';

/** Deliveries that somebody else's GitHub makes and signs. */

const SECRET = 'sesame-open-up';
const WHERE = { owner: 'octo-org', repo: 'shop' };
const received: RawDelivery[] = [];
let arrived: () => void = () => undefined;

const receiver = createServer((request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    received.push({ headers, body: new Uint8Array(Buffer.concat(chunks)), receivedAt: 0 });
    response.writeHead(202).end();
    arrived();
  });
});
let emulator: Emulator;
let octokit: Octokit;

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { 'a-token': { login: 'octocat', scopes: ['repo', 'admin:repo_hook'] } },
      github: {
        users: [{ login: 'octocat' }],
        orgs: [{ login: 'octo-org', members: [{ login: 'octocat', role: 'admin' }] }],
        repos: [{ owner: 'octo-org', name: 'shop', private: true }],
      },
    },
  });
  octokit = new Octokit({ auth: 'a-token', baseUrl: emulator.url, throttle: { enabled: false } });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const config = { url, content_type: 'json', secret: SECRET };
  await octokit.rest.repos.createWebhook({ ...WHERE, name: 'web', events: ['push', 'pull_request'], config });
});
afterAll(async () => {
  await emulator.close();
  receiver.closeAllConnections();
  receiver.close();
});

/** The first delivery of this kind from now on. */
async function delivered(event: string, act: () => Promise<unknown>): Promise<Parsed> {
  received.length = 0;
  await act();
  let raw: RawDelivery | undefined;
  while ((raw = received.find(({ headers }) => headers['x-github-event'] === event)) === undefined) {
    await new Promise<void>((resolve) => (arrived = resolve));
  }
  const parts = { now: 0, fetchText: () => Promise.reject(new Error('asked')) };
  expect(await gitHubTrigger.verify(raw, ['another'], parts)).toMatchObject({ ok: false });
  const verification = await gitHubTrigger.verify(raw, [SECRET], parts);
  if (!verification.ok) throw new Error(verification.message);
  const result = gitHubTrigger.parse(verification.delivery);
  if (!result.ok) throw new Error(result.message);
  return result.parsed;
}

const write = (branch: string, path: string) => {
  const content = Buffer.from(path).toString('base64');
  return octokit.rest.repos.createOrUpdateFileContents({ ...WHERE, branch, path, message: `Write ${path}`, content });
};

it('takes a push, and a pull request from its beginning to its end', async () => {
  const { data: main } = await octokit.rest.repos.getBranch({ ...WHERE, branch: 'main' });
  const push = await delivered('push', () => write('main', 'one.ts'));
  const { data: tip } = await octokit.rest.repos.getBranch({ ...WHERE, branch: 'main' });
  expect(push.events).toMatchObject([
    {
      kind: 'push',
      repository: { name: 'octo-org/shop' },
      ref: { kind: 'branch', name: 'main' },
      before: main.commit.sha,
      after: { id: tip.commit.sha },
      actor: { name: 'octocat' },
    },
  ]);

  await octokit.rest.git.createRef({ ...WHERE, ref: 'refs/heads/topic', sha: tip.commit.sha });
  await write('topic', 'two.ts');
  let number = 0;
  const opened = await delivered('pull_request', async () => {
    const { data } = await octokit.rest.pulls.create({ ...WHERE, title: 'Topic', head: 'topic', base: 'main' });
    ({ number } = data);
  });
  expect(opened.events).toMatchObject([{ kind: 'pullRequest', event: 'OPEN', number, isFork: false }]);
  const merged = await delivered('pull_request', () =>
    octokit.rest.pulls.merge({ ...WHERE, pull_number: number, merge_method: 'merge' }),
  );
  expect(merged.events).toMatchObject([{ kind: 'pullRequest', event: 'MERGED', number }]);
});
