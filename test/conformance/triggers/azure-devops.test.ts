import { describe, expect, it } from 'vitest';
import { azureDevOpsTrigger } from '../../../worker/triggers/azure-devops.ts';
import type { ParseResult } from '../../../worker/triggers/trigger-source.ts';
import { azureDevOpsSender as sender } from '../../support/senders/azure-devops.ts';
import { deliver, type Message, ZEROS } from '../../support/senders/sender.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const SHOP = { id: '278d5cd2-584d-4b63-824a-2ba458937249', name: 'Example/shop' };

async function parse({ event, payload }: Message, changes: object = {}): Promise<ParseResult> {
  const { resource } = payload as { resource: object };
  const message = { event, payload: { ...payload, resource: { ...resource, ...changes } } };
  const raw = deliver(sender, message, 'sesame-open-up');
  const parts = { now: 0, fetchText: () => Promise.reject(new Error('asked')) };
  const verification = await azureDevOpsTrigger.verify(raw, ['sesame-open-up'], parts);
  if (!verification.ok) throw new Error(verification.message);
  return azureDevOpsTrigger.parse(verification.delivery);
}

const aPush = sender.push({ ref: 'refs/heads/main', before: A, after: B, repository: SHOP, message: 'Fix it' });
const aPullRequest = (change: 'opened' | 'pushed'): Message =>
  sender.pullRequest({ change, repository: SHOP, from: SHOP, title: 'Fix', head: B, base: A, branch: 'topic' });

describe('a push to several branches', () => {
  it('is as many pushes, and what is neither branch nor tag is left out', async () => {
    const refUpdates = [
      { name: 'refs/heads/main', oldObjectId: A, newObjectId: B },
      { name: 'refs/heads/gone', oldObjectId: A, newObjectId: ZEROS },
      { name: 'refs/notes/commits', oldObjectId: A, newObjectId: B },
      { name: 'refs/tags/v1', oldObjectId: ZEROS, newObjectId: B },
    ];
    const result = await parse(aPush, { refUpdates });
    expect(result).toMatchObject({
      parsed: {
        events: [
          { ref: { kind: 'branch', name: 'main' }, after: { id: B, message: 'Fix it' } },
          { ref: { kind: 'branch', name: 'gone' }, before: A },
          { ref: { kind: 'tag', name: 'v1' } },
        ],
      },
    });
  });
});

describe('a pull request', () => {
  it('that was updated does not name its author as who did it', async () => {
    expect(await parse(aPullRequest('opened'))).toMatchObject({ parsed: { events: [{ actor: { id: '583231' } }] } });
    const { parsed } = (await parse(aPullRequest('pushed'))) as Extract<ParseResult, { ok: true }>;
    expect(parsed.events.map(({ actor }) => actor)).toEqual([{ name: 'unknown' }]);
  });

  it('of which no commit is known yet is ignored', async () => {
    expect(await parse(aPullRequest('pushed'), { lastMergeSourceCommit: null })).toMatchObject({
      parsed: { events: [], ignored: expect.any(String) as string },
    });
  });

  it('that is a draft says so', async () => {
    expect(await parse(aPullRequest('opened'), { isDraft: true })).toMatchObject({
      parsed: { events: [{ isDraft: true }] },
    });
  });
});
