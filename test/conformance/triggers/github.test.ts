import { Webhooks } from '@octokit/webhooks';
import { describe, expect, it } from 'vitest';
import type { PushEvent } from '../../../worker/engine/source-event.ts';
import { gitHubTrigger } from '../../../worker/triggers/github.ts';
import type { ParseResult, RawDelivery, VerifiedDelivery } from '../../../worker/triggers/trigger-source.ts';
import recorded from '../../fixtures/deliveries/github.json' with { type: 'json' };
import { gitHubExamples } from '../../support/senders/github-examples.ts';
import { gitHubSender } from '../../support/senders/github.ts';
import { deliver, deliverBytes, type Message } from '../../support/senders/sender.ts';

const SECRET = 'sesame-open-up';
const PARTS = { now: 0, fetchText: () => Promise.reject(new Error('asked')) };
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const A_PUSH = {
  ref: 'refs/heads/main',
  before: A,
  after: B,
  repository: { id: '1296269', name: 'example-org/shop' },
  message: 'Fix it',
};

async function verified(raw: RawDelivery): Promise<VerifiedDelivery> {
  const verification = await gitHubTrigger.verify(raw, [SECRET], PARTS);
  if (!verification.ok) throw new Error(verification.message);
  return verification.delivery;
}

async function parse(message: Message): Promise<ParseResult> {
  return gitHubTrigger.parse(await verified(deliver(gitHubSender, message, SECRET)));
}

async function push(changes: object): Promise<PushEvent> {
  const { event, payload } = gitHubSender.push(A_PUSH);
  const result = await parse({ event, payload: { ...payload, ...changes } });
  const found = result.ok ? result.parsed.events[0] : undefined;
  if (found?.kind !== 'push') throw new Error(JSON.stringify(result));
  return found;
}

describe('the signature', () => {
  it('is that of GitHub’s own example', async () => {
    const raw: RawDelivery = {
      headers: {
        'x-github-event': 'push',
        'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      },
      body: new TextEncoder().encode('Hello, World!'),
      receivedAt: 0,
    };
    expect(await gitHubTrigger.verify(raw, ["It's a Secret to Everybody"], PARTS)).toMatchObject({ ok: true });
  });

  it('is the one that GitHub’s own library makes and takes, of every example', async () => {
    const theirs = new Webhooks({ secret: SECRET });
    const others = new Webhooks({ secret: 'another' });
    for (const message of gitHubExamples) {
      const raw = deliver(gitHubSender, message, SECRET);
      const text = new TextDecoder().decode(raw.body);
      const signature = await theirs.sign(text);
      expect(raw.headers['x-hub-signature-256']).toBe(signature);
      expect(await theirs.verify(text, signature)).toBe(true);
      expect(await gitHubTrigger.verify(raw, [SECRET], PARTS)).toMatchObject({ ok: true });
      expect(await others.verify(text, signature)).toBe(false);
      expect(await gitHubTrigger.verify(raw, ['another'], PARTS)).toMatchObject({ ok: false });
    }
  });

  it('in SHA-1 alone is none', async () => {
    const raw = deliver(gitHubSender, gitHubSender.push(A_PUSH), undefined);
    const headers = { ...raw.headers, 'x-hub-signature': 'sha1=7d38cdd689735b008b3c702edd92eea23791c5f6' };
    const found = await gitHubTrigger.verify({ ...raw, headers }, [SECRET], PARTS);
    expect(found).toMatchObject({
      message: 'The delivery is not signed: there is no X-Hub-Signature-256. Give the webhook its secret.',
    });
  });
});

describe('every example of GitHub', () => {
  const tally = new Map<string, number>();

  it.each(gitHubExamples.map((message, index) => [`${message.event} ${index}`, message] as const))(
    'is an event or ignored: %s',
    async (_, message) => {
      const result = await parse(message);
      if (!result.ok) throw new Error(result.message);
      const { events, ignored, name } = result.parsed;
      expect(name).toBe(message.event);
      expect(events.length === 0).toBe(ignored !== undefined);
      for (const { kind } of events) tally.set(kind, (tally.get(kind) ?? 0) + 1);
    },
  );

  it('of a push is one, and of pull requests those that open, change and close', () => {
    const { length: pushes } = gitHubExamples.filter(({ event }) => event === 'push');
    expect(Object.fromEntries(tally)).toEqual({ push: pushes, pullRequest: 9 });
  });
});

describe('the files of a push', () => {
  it('are those of its commits', async () => {
    expect((await push({})).files).toEqual({ paths: ['README.md', 'src/new.ts'], isComplete: true });
  });

  it('are not all when GitHub has left out commits', async () => {
    const commits = Array.from({ length: 2_048 }, () => ({ added: ['a'] }));
    expect((await push({ commits })).files).toEqual({ paths: ['a'], isComplete: false });
    expect((await push({ commits: [] })).files).toEqual({ paths: [], isComplete: false });
  });

  it('are not all when there are more than an event holds', async () => {
    const commits = [{ added: Array.from({ length: 3_001 }, (_, index) => `src/${index}`) }];
    const { files } = await push({ commits });
    expect([files?.paths.length, files?.isComplete]).toEqual([3_000, false]);
    const long = await push({ commits: [{ modified: ['a', 'x'.repeat(300_000)] }] });
    expect(long.files).toEqual({ paths: ['a'], isComplete: false });
  });

  it('are to be asked for when commits were pushed over', async () => {
    expect(await push({ forced: true })).not.toHaveProperty('files');
  });
});

describe('what a push says', () => {
  it('of an annotated tag is the commit, not the tag', async () => {
    const changes = { ref: 'refs/tags/v1', after: A, head_commit: { id: B, message: 'Tagged' } };
    expect(await push(changes)).toMatchObject({ ref: { kind: 'tag', name: 'v1' }, after: { id: B } });
  });

  it('leads to no script', async () => {
    const event = await push({ compare: 'javascript:alert(1)', head_commit: { id: B, url: 'data:text/html,x' } });
    expect(event).not.toHaveProperty('url');
    expect(event.after).toEqual({ id: B });
  });

  it('in a form is refused, and said what to set', async () => {
    const { event, payload } = gitHubSender.push(A_PUSH);
    const body = new TextEncoder().encode(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
    const raw = deliverBytes(gitHubSender, { event, payload }, body, SECRET);
    const headers = { ...raw.headers, 'content-type': 'application/x-www-form-urlencoded' };
    const result = gitHubTrigger.parse(await verified({ ...raw, headers }));
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('application/json') as string });
  });
});

describe('a pull request from a fork that is gone', () => {
  it('is one from a fork', async () => {
    const { event, payload } = gitHubSender.pullRequest({
      change: 'closed',
      repository: A_PUSH.repository,
      from: A_PUSH.repository,
      title: 'Gone',
      head: B,
      base: A,
      branch: 'main',
    });
    const { pull_request: pull } = payload as { pull_request: { head: object } };
    const head = { ...pull.head, repo: null, user: { id: 9, login: 'mallory' } };
    const result = await parse({ event, payload: { ...payload, pull_request: { ...pull, head } } });
    expect(result).toMatchObject({
      parsed: { events: [{ event: 'CLOSED', isFork: true, head: { repository: { name: 'mallory/unknown' } } }] },
    });
  });
});

it.each(Object.entries(recorded))('what stands for a %s here is one of GitHub’s examples', (event, payload) => {
  expect(gitHubExamples.find((message) => message.event === event)?.payload).toEqual(payload);
});
