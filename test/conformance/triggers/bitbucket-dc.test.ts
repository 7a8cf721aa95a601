import { describe, expect, it } from 'vitest';
import { bitbucketDcTrigger } from '../../../worker/triggers/bitbucket-dc.ts';
import type { ParseResult } from '../../../worker/triggers/trigger-source.ts';
import { bitbucketDcSender as sender } from '../../support/senders/bitbucket-dc.ts';
import { deliver, type Message, type PushFacts, ZEROS } from '../../support/senders/sender.ts';

const SECRET = 'sesame-open-up';
const PARTS = { now: 0, fetchText: () => Promise.reject(new Error('asked')) };
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const SHOP = { id: '84', name: 'SHOP/web' };
const A_PUSH: PushFacts = { ref: 'refs/heads/main', before: A, after: B, repository: SHOP, message: 'Fix it' };

async function parse(message: Message): Promise<ParseResult> {
  const verification = await bitbucketDcTrigger.verify(deliver(sender, message, SECRET), [SECRET], PARTS);
  if (!verification.ok) throw new Error(verification.message);
  return bitbucketDcTrigger.parse(verification.delivery);
}

function push(changes: object, facts: Partial<PushFacts> = {}): Promise<ParseResult> {
  const { event, payload } = sender.push({ ...A_PUSH, ...facts });
  return parse({ event, payload: { ...payload, ...changes } });
}

describe('a delivery', () => {
  it('that is not signed is not let in', async () => {
    const raw = deliver(sender, sender.push(A_PUSH), undefined);
    expect(await bitbucketDcTrigger.verify(raw, [SECRET], PARTS)).toMatchObject({
      message: 'The delivery is not signed: there is no X-Hub-Signature. Give the webhook its secret.',
    });
  });

  it('that tries out the webhook is ignored', async () => {
    expect(await parse(sender.others['a ping']!)).toMatchObject({
      parsed: { name: 'diagnostics:ping', ignored: 'Bitbucket tries out the webhook; all is well.' },
    });
  });
});

describe('a push', () => {
  it('of several branches and tags is as many, and what is neither is left out', async () => {
    const change = (id: string, fromHash: string, toHash: string, type: string): object => ({
      ref: { id, displayId: id, type: 'BRANCH' },
      fromHash,
      toHash,
      type,
    });
    const changes = [
      change('refs/heads/main', A, B, 'UPDATE'),
      change('refs/heads/gone', A, ZEROS, 'DELETE'),
      change('refs/notes/commits', A, B, 'UPDATE'),
      change('refs/tags/v1', ZEROS, B, 'ADD'),
    ];
    expect(await push({ changes })).toMatchObject({
      parsed: {
        events: [
          { ref: { kind: 'branch', name: 'main' }, before: A, after: { id: B, message: 'Fix it' } },
          { ref: { kind: 'branch', name: 'gone' }, before: A },
          { ref: { kind: 'tag', name: 'v1' }, after: { id: B } },
        ],
      },
    });
    expect(await push({ changes: [] })).toMatchObject({ parsed: { events: [] } });
  });

  it('of an annotated tag is the commit, not the tag', async () => {
    const toCommit = { id: A, message: 'Tagged' };
    expect(await push({ toCommit }, { ref: 'refs/tags/v1' })).toMatchObject({
      parsed: { events: [{ after: { id: A, message: 'Tagged' } }] },
    });
    expect(await push({ toCommit })).toMatchObject({ parsed: { events: [{ after: { id: B } }] } });
  });
});

describe('a pull request', () => {
  const facts = { repository: SHOP, from: SHOP, title: 'Fix', head: B, base: A, branch: 'topic' };

  it('from a repository of the same name elsewhere is one of a fork', async () => {
    const from = { id: '85', name: SHOP.name };
    expect(await parse(sender.pullRequest({ ...facts, from, change: 'opened' }))).toMatchObject({
      parsed: { events: [{ isFork: true, repository: SHOP }] },
    });
  });

  it('that is a draft says so', async () => {
    const { event, payload } = sender.pullRequest({ ...facts, change: 'pushed' });
    const { pullRequest } = payload as { pullRequest: object };
    const draft = { event, payload: { ...payload, pullRequest: { ...pullRequest, draft: true } } };
    expect(await parse(draft)).toMatchObject({ parsed: { events: [{ event: 'UPDATED', isDraft: true }] } });
  });

  it('whose title was changed starts nothing', async () => {
    expect(await parse(sender.pullRequest({ ...facts, change: 'labeled' }))).toMatchObject({
      parsed: { events: [] },
    });
  });
});
