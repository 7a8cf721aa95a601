import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { signingToken } from '../../../worker/kernel/signing-key.ts';
import { gitLabTrigger } from '../../../worker/triggers/gitlab.ts';
import type { ParseResult, RawDelivery, Verification } from '../../../worker/triggers/trigger-source.ts';
import { gitLabSender as sender, signingGitLabSender as signing } from '../../support/senders/gitlab.ts';
import { deliver, type Message, type PullRequestFacts } from '../../support/senders/sender.ts';

const SECRET = 'sesame-open-up';
const NOW = Date.parse('2026-11-25T12:00:00Z');
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const SHOP = { id: '15', name: 'example-org/platform/shop' };
const A_PUSH = { ref: 'refs/heads/main', before: A, after: B, repository: SHOP, message: 'Fix it' };

function verify(raw: RawDelivery, now = NOW): Promise<Verification> {
  return gitLabTrigger.verify(raw, [SECRET], { now, fetchText: () => Promise.reject(new Error('asked')) });
}

async function parse(message: Message): Promise<ParseResult> {
  const verification = await verify(deliver(sender, message, SECRET));
  if (!verification.ok) throw new Error(verification.message);
  return gitLabTrigger.parse(verification.delivery);
}

function push(changes: object): Promise<ParseResult> {
  const { event, payload } = sender.push(A_PUSH);
  return parse({ event, payload: { ...payload, ...changes } });
}

function mergeRequest(change: PullRequestFacts['change'], changes: object): Promise<ParseResult> {
  const facts = { change, repository: SHOP, from: SHOP, title: 'Fix', head: B, base: A, branch: 'topic' };
  const { event, payload } = sender.pullRequest(facts);
  const { object_attributes: attributes } = payload as { object_attributes: object };
  return parse({ event, payload: { ...payload, object_attributes: { ...attributes, ...changes } } });
}

describe('a signature', () => {
  const raw = deliver(signing, signing.push(A_PUSH), SECRET);

  it('is the one that the library of Standard Webhooks makes and takes', async () => {
    const theirs = new Webhook(await signingToken(SECRET));
    const body = new TextDecoder().decode(raw.body);
    const sentAt = new Date(Number(raw.headers['webhook-timestamp']) * 1000);
    expect(raw.headers['webhook-signature']).toBe(theirs.sign('delivery-1', sentAt, body));
    expect(await verify(raw)).toMatchObject({ ok: true });
    vi.useFakeTimers({ now: NOW });
    expect(theirs.verify(body, raw.headers)).toMatchObject({ object_kind: 'push' });
    vi.useRealTimers();
  });

  it('among others is enough', async () => {
    const signatures = `v2,x v1,${'A'.repeat(43)}= ${raw.headers['webhook-signature'] ?? ''}`;
    const headers = { ...raw.headers, 'webhook-signature': signatures };
    expect(await verify({ ...raw, headers })).toMatchObject({ ok: true });
  });

  it('holds for five minutes', async () => {
    const sentAt = Number(raw.headers['webhook-timestamp']) * 1000;
    for (const [late, ok] of [
      [300_000, true],
      [301_000, false],
      [-300_000, true],
      [-301_000, false],
    ] as const) {
      expect((await verify(raw, sentAt + late)).ok).toBe(ok);
    }
  });

  it('holds for its own id and time alone', async () => {
    for (const changed of [{ 'webhook-id': 'other' }, { 'webhook-timestamp': '1795608000' }, { 'webhook-id': '' }]) {
      expect((await verify({ ...raw, headers: { ...raw.headers, ...changed } })).ok).toBe(false);
    }
    const { 'webhook-id': _, ...unnamed } = raw.headers;
    expect((await verify({ ...raw, headers: unnamed })).ok).toBe(false);
  });

  it('that is wrong is not made good by the secret itself', async () => {
    const headers = { ...raw.headers, 'webhook-signature': `v1,${'A'.repeat(43)}=`, 'x-gitlab-token': SECRET };
    expect((await verify({ ...raw, headers })).ok).toBe(false);
  });

  it('names the delivery, whatever other headers do', async () => {
    const headers = { ...raw.headers, 'idempotency-key': 'made up', 'x-gitlab-event-uuid': 'made up' };
    const verification = await verify({ ...raw, headers });
    if (!verification.ok) throw new Error(verification.message);
    expect(gitLabTrigger.parse(verification.delivery)).toMatchObject({ parsed: { deliveryId: 'delivery-1' } });
  });
});

describe('a delivery', () => {
  it('goes by its key, and in an old GitLab by its event', async () => {
    const raw = deliver(sender, sender.push(A_PUSH), SECRET);
    const { 'idempotency-key': _, ...old } = raw.headers;
    for (const [headers, deliveryId] of [
      [{ ...raw.headers, 'idempotency-key': 'key', 'x-gitlab-event-uuid': 'event' }, 'key'],
      [{ ...old, 'x-gitlab-event-uuid': 'event' }, 'event'],
    ] as const) {
      const verification = await verify({ ...raw, headers });
      if (!verification.ok) throw new Error(verification.message);
      expect(gitLabTrigger.parse(verification.delivery)).toMatchObject({ parsed: { deliveryId } });
    }
  });
});

describe('a push', () => {
  it('of an annotated tag is the commit, not the tag', async () => {
    const changes = { object_kind: 'tag_push', ref: 'refs/tags/v1', after: A, checkout_sha: B };
    expect(await push(changes)).toMatchObject({
      parsed: { events: [{ ref: { kind: 'tag', name: 'v1' }, after: { id: B, message: 'Fix it\n' } }] },
    });
  });

  it('has the files of its newest commits, and does not say that they are all', async () => {
    expect(await push({})).toMatchObject({
      parsed: { events: [{ files: { paths: ['README.md', 'src/new.ts'], isComplete: false } }] },
    });
  });

  it('leads to no script', async () => {
    const commits = [{ id: B, message: 'x', url: 'javascript:alert(1)' }];
    const { parsed } = (await push({ commits })) as Extract<ParseResult, { ok: true }>;
    expect(parsed.events).toMatchObject([{ after: { id: B } }]);
    expect(JSON.stringify(parsed)).not.toContain('javascript:');
  });
});

describe('a merge request', () => {
  it('that is opened again is open', async () => {
    expect(await mergeRequest('reopened', {})).toMatchObject({ parsed: { events: [{ event: 'OPEN' }] } });
  });

  it('is updated by commits alone', async () => {
    expect(await mergeRequest('pushed', {})).toMatchObject({ parsed: { events: [{ event: 'UPDATED' }] } });
    for (const action of ['update', 'approved', 'unapproval', 'constructor', undefined]) {
      const found = await mergeRequest('labeled', { action });
      expect(found).toMatchObject({ parsed: { events: [], ignored: expect.any(String) as string } });
    }
  });

  it('of a fork that is gone is one of a fork', async () => {
    expect(await mergeRequest('closed', { source: null, source_project_id: null })).toMatchObject({
      parsed: { events: [{ isFork: true, head: { repository: { name: 'unknown/unknown' } } }] },
    });
  });

  it('from a project of the same name elsewhere is one of a fork', async () => {
    expect(await mergeRequest('opened', { source_project_id: 16 })).toMatchObject({
      parsed: { events: [{ isFork: true }] },
    });
  });

  it('that is a draft says so, in old GitLabs, too', async () => {
    for (const changes of [{ draft: true }, { draft: undefined, work_in_progress: true }]) {
      expect(await mergeRequest('opened', changes)).toMatchObject({ parsed: { events: [{ isDraft: true }] } });
    }
  });

  it('without commits is ignored', async () => {
    expect(await mergeRequest('opened', { last_commit: null })).toMatchObject({ parsed: { events: [] } });
  });
});
