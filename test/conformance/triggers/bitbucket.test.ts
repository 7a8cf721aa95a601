import { describe, expect, it } from 'vitest';
import { bitbucketTrigger } from '../../../worker/triggers/bitbucket.ts';
import type { ParseResult, RawDelivery } from '../../../worker/triggers/trigger-source.ts';
import { bitbucketSender as sender } from '../../support/senders/bitbucket.ts';
import { deliver, type Message, type PullRequestFacts } from '../../support/senders/sender.ts';

const SECRET = 'sesame-open-up';
const PARTS = { now: 0, fetchText: () => Promise.reject(new Error('asked')) };
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const SHOP = { id: '{5c8d2c8e-0c5e-4a57-9e6c-2e3f0b1d4a11}', name: 'example-org/shop' };
const A_PUSH = { ref: 'refs/heads/main', before: A, after: B, repository: SHOP, message: 'Fix it' };

async function parse(message: Message): Promise<ParseResult> {
  const verification = await bitbucketTrigger.verify(deliver(sender, message, SECRET), [SECRET], PARTS);
  if (!verification.ok) throw new Error(verification.message);
  return bitbucketTrigger.parse(verification.delivery);
}

function changesOf(...facts: readonly Parameters<typeof sender.push>[0][]): Promise<ParseResult> {
  const changes = facts.flatMap((one) => (sender.push(one).payload as { push: { changes: object[] } }).push.changes);
  const { event, payload } = sender.push(A_PUSH);
  return parse({ event, payload: { ...payload, push: { changes } } });
}

function pullRequest(change: PullRequestFacts['change'], changes: object): Promise<ParseResult> {
  const facts = { change, repository: SHOP, from: SHOP, title: 'Fix', head: B, base: A, branch: 'topic' };
  const { event, payload } = sender.pullRequest(facts);
  const { pullrequest } = payload as { pullrequest: object };
  return parse({ event, payload: { ...payload, pullrequest: { ...pullrequest, ...changes } } });
}

describe('the signature', () => {
  it('is that of Atlassian’s own example', async () => {
    const raw: RawDelivery = {
      headers: {
        'x-event-key': 'repo:push',
        'x-hook-uuid': 'x',
        'x-hub-signature': 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9',
      },
      body: new TextEncoder().encode('Hello World!'),
      receivedAt: 0,
    };
    expect(await bitbucketTrigger.verify(raw, ["It's a Secret to Everybody"], PARTS)).toMatchObject({ ok: true });
  });

  it('has to be there', async () => {
    const raw = deliver(sender, sender.push(A_PUSH), undefined);
    expect(await bitbucketTrigger.verify(raw, [SECRET], PARTS)).toMatchObject({
      message: 'The delivery is not signed: there is no X-Hub-Signature. Give the webhook its secret.',
    });
  });
});

describe('a push of several branches and tags', () => {
  it('is as many pushes', async () => {
    const { repository, message } = A_PUSH;
    const created = { repository, message, ref: 'refs/tags/v1', after: B };
    const deleted = { repository, message, ref: 'refs/heads/gone', before: A };
    expect(await changesOf(A_PUSH, { ...A_PUSH, ref: 'refs/other' }, created, deleted)).toMatchObject({
      parsed: {
        deliveryId: 'delivery-1',
        events: [
          { ref: { kind: 'branch', name: 'main' }, before: A, after: { id: B, message: 'Fix it\n' } },
          { ref: { kind: 'tag', name: 'v1' }, after: { id: B } },
          { ref: { kind: 'branch', name: 'gone' }, before: A },
        ],
      },
    });
  });

  it('of none is ignored', async () => {
    expect(await changesOf()).toMatchObject({ parsed: { events: [], ignored: expect.any(String) as string } });
  });
});

describe('a pull request', () => {
  it('tells how the ids of its commits begin', async () => {
    expect(await pullRequest('opened', {})).toMatchObject({
      parsed: { events: [{ head: { commit: { id: 'b'.repeat(12) } }, url: expect.any(String) as string }] },
    });
    const source = { branch: { name: 'topic' }, commit: { hash: '--upload-pack' }, repository: null };
    expect(await pullRequest('opened', { source })).toMatchObject({ ok: false });
  });

  it('of a fork that is gone is one of a fork; without a commit it is ignored', async () => {
    const source = { branch: { name: 'topic' }, commit: { hash: 'b'.repeat(12) }, repository: null };
    expect(await pullRequest('closed', { source })).toMatchObject({
      parsed: { events: [{ isFork: true, head: { repository: { name: 'unknown/unknown' } } }] },
    });
    expect(await pullRequest('closed', { source: { ...source, commit: null } })).toMatchObject({
      parsed: { events: [] },
    });
  });

  it('that is a draft says so', async () => {
    expect(await pullRequest('opened', { draft: true })).toMatchObject({ parsed: { events: [{ isDraft: true }] } });
  });
});
