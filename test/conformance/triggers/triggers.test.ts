import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceEvent } from '../../../worker/engine/source-event.ts';
import { triggerRegistry } from '../../../worker/triggers/registry.ts';
import type {
  Parsed,
  ParseResult,
  RawDelivery,
  TriggerSource,
  VerifiedDelivery,
} from '../../../worker/triggers/trigger-source.ts';
import { SENDERS } from '../../support/senders/all.ts';
import {
  deliver,
  deliverBytes,
  type Message,
  type PullRequestFacts,
  type PushFacts,
  type Sender,
  SENDER_NAME,
} from '../../support/senders/sender.ts';

const SECRET = 'sesame-open-up';
const PREVIOUS = 'the one before';
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const SHOP = { id: '1296269', name: 'example-org/shop' };
const FORK = { id: '1296270', name: 'mallory/shop' };
const PARTS = { now: Date.parse('2026-11-25T12:00:00Z'), fetchText: () => Promise.reject(new Error('asked')) };

const A_PUSH: PushFacts = { ref: 'refs/heads/main', before: A, after: B, repository: SHOP, message: 'Fix it' };
const A_PULL_REQUEST: PullRequestFacts = {
  change: 'opened',
  repository: SHOP,
  from: SHOP,
  title: 'Fix it',
  head: B,
  base: A,
  branch: 'topic',
};

describe.each(Object.entries(SENDERS))('%s', (_, sender) => {
  const trigger = triggerOf(sender);

  const verify = (raw: RawDelivery, secrets = [SECRET]) => trigger.verify(raw, secrets, PARTS);
  const verified = async (raw: RawDelivery): Promise<VerifiedDelivery> => {
    const verification = await verify(raw);
    if (!verification.ok) throw new Error(verification.message);
    return verification.delivery;
  };
  const result = async (raw: RawDelivery): Promise<ParseResult> => trigger.parse(await verified(raw));
  const parsed = async (message: Message, id?: string): Promise<Parsed> => {
    const parse = await result(deliver(sender, message, SECRET, id));
    if (!parse.ok) throw new Error(parse.message);
    return parse.parsed;
  };
  const event = async (message: Message): Promise<SourceEvent> => {
    const { events } = await parsed(message);
    expect(events).toHaveLength(1);
    return events[0]!;
  };
  const refusal = async (raw: RawDelivery, secrets?: string[]): Promise<string> => {
    const verification = await verify(raw, secrets);
    if (verification.ok) throw new Error('it was let in');
    expect(verification.message).not.toContain(SECRET);
    expect(verification.message).toMatch(/^[A-Z].*\.$/);
    return verification.message;
  };

  describe('a signature', () => {
    const good = deliver(sender, sender.push(A_PUSH), SECRET);

    it('by the secret lets in', async () => {
      expect(await verify(good)).toMatchObject({ ok: true, delivery: good });
    });

    it('by the previous secret lets in while that is being changed', async () => {
      const old = deliver(sender, sender.push(A_PUSH), PREVIOUS);
      expect((await verify(old, [SECRET, PREVIOUS])).ok).toBe(true);
      await refusal(old);
    });

    it('by another secret does not', async () => {
      await refusal(deliver(sender, sender.push(A_PUSH), `${SECRET}x`));
      await refusal(deliver(sender, sender.push(A_PUSH), SECRET.slice(1)));
    });

    it('that is missing does not', async () => {
      await refusal(deliver(sender, sender.push(A_PUSH), undefined));
    });

    it('by nothing does not, even where there is no secret', async () => {
      await refusal(good, []);
      await refusal(deliver(sender, sender.push(A_PUSH), ''), ['']);
      await refusal(deliver(sender, sender.push(A_PUSH), undefined), ['']);
    });

    it('that is garbage does not', async () => {
      for (const garbage of [
        '',
        'sha256=',
        'sha256=zz',
        'f'.repeat(64),
        'Basic',
        'Basic !',
        'Basic bWlsbHJhY2U=',
        '€',
      ]) {
        const headers = Object.fromEntries(
          Object.entries(good.headers).map(([name, value]) =>
            /signature|authorization|token/.test(name) ? [name, garbage] : [name, value],
          ),
        );
        await refusal({ ...good, headers });
      }
    });

    // Where the body is not signed, this is what is wrong with that.
    it(sender.signsBody ? 'of another body does not' : 'says nothing about the body', async () => {
      const other = deliver(sender, sender.push({ ...A_PUSH, after: A }), SECRET);
      for (const body of [other.body, good.body.slice(0, -1), new Uint8Array([...good.body, 0x0a])]) {
        expect((await verify({ ...good, body })).ok).toBe(!sender.signsBody);
      }
    });

    it('is not looked at when the body is larger than anybody sends', async () => {
      const body = new Uint8Array(25 * 1024 * 1024 + 1).fill(0x20);
      const raw = deliverBytes(sender, sender.push(A_PUSH), body, SECRET);
      expect(await refusal(raw)).toBe('The body is larger than 25 MiB.');
    });

    it.each(Object.entries(SENDERS).filter(([, other]) => other.kind !== sender.kind && other.signsBody))(
      'by %s is told from this one’s',
      async (_name, other) => {
        const raw = deliver(other, other.push(A_PUSH), SECRET);
        expect(await refusal(raw)).toMatch(/^This hook is for .*, but the delivery has the headers of .*\.$/);
      },
    );
  });

  describe('a push', () => {
    const actor = { id: '583231', name: SENDER_NAME };

    it('to a branch is one', async () => {
      const push = await event(sender.push(A_PUSH));
      expect(push).toMatchObject({
        kind: 'push',
        repository: SHOP,
        ref: { kind: 'branch', name: 'main' },
        before: A,
        after: { id: B },
        actor,
      });
      expect(push.kind === 'push' && push.after?.message?.trim()).toBe('Fix it');
    });

    it('that makes a branch has nothing before, and its files are to be asked for', async () => {
      const { before: _, ...created } = A_PUSH;
      const push = await event(sender.push({ ...created, ref: 'refs/heads/feature/a.b' }));
      expect(push).toMatchObject({ kind: 'push', ref: { name: 'feature/a.b' }, after: { id: B } });
      expect(push).not.toHaveProperty('before');
      expect(push).not.toHaveProperty('files');
    });

    it('that deletes a branch has nothing after', async () => {
      const { after: _, ...deleted } = A_PUSH;
      const push = await event(sender.push(deleted));
      expect(push).toMatchObject({ kind: 'push', before: A });
      expect(push).not.toHaveProperty('after');
    });

    it('of a tag is one to a tag', async () => {
      const { before: _, ...created } = A_PUSH;
      const push = await event(sender.push({ ...created, ref: 'refs/tags/v1.0' }));
      expect(push).toMatchObject({ ref: { kind: 'tag', name: 'v1.0' }, after: { id: B } });
    });

    it('over others’ commits does not say that its list of files is all', async () => {
      const push = await event(sender.push({ ...A_PUSH, forced: true }));
      expect(push.kind === 'push' && push.files?.isComplete).not.toBe(true);
    });

    it('to neither branch nor tag is ignored', async () => {
      for (const ref of ['refs/notes/commits', 'refs/pull/1/head', 'HEAD', 'refs/heads/']) {
        expect(await parsed(sender.push({ ...A_PUSH, ref }))).toMatchObject({ events: [] });
      }
    });

    it('to a branch that Git would not take is ignored', async () => {
      for (const name of [
        'a b',
        'a..b',
        '-\u0000',
        'a\nb',
        'a~1',
        'a//b',
        '.a',
        'a.lock',
        'a@{0}',
        'x'.repeat(1_001),
      ]) {
        const { events, ignored } = await parsed(sender.push({ ...A_PUSH, ref: `refs/heads/${name}` }));
        expect([events, ignored]).toEqual([[], 'What was pushed is neither a branch nor a tag.']);
      }
    });

    it('to a branch in any script is taken as it is', async () => {
      for (const name of ['größer', '日本語', '🚀/x', '$(reboot)', '";rm', 'a\u202Eb', '__proto__', 'constructor']) {
        const push = await event(sender.push({ ...A_PUSH, ref: `refs/heads/${name}` }));
        expect(push).toMatchObject({ ref: { kind: 'branch', name } });
      }
    });

    it('names its actor by the host’s account, never by who the commit says', async () => {
      expect(JSON.stringify(await event(sender.push(A_PUSH)))).not.toContain('Somebody Else');
    });
  });

  describe('a pull request', () => {
    const shown = (id: string): string => (sender.pullRequestCommits === 'abbreviated' ? id.slice(0, 12) : id);
    const opened = {
      kind: 'pullRequest',
      repository: SHOP,
      number: 7,
      title: 'Fix it',
      head: { branch: 'topic', commit: { id: shown(B) }, repository: SHOP },
      base: { branch: 'main', ...(sender.pullRequestCommits === 'head' ? {} : { commit: shown(A) }) },
      isFork: false,
      isDraft: false,
    };

    it.each([
      ['opened', 'OPEN'],
      ['pushed', 'UPDATED'],
      ['closed', 'CLOSED'],
      ['merged', 'MERGED'],
    ] as const)('that was %s is %s', async (change, expected) => {
      const found = await event(sender.pullRequest({ ...A_PULL_REQUEST, change }));
      expect(found).toMatchObject({ ...opened, event: expected });
    });

    it('that was labeled starts nothing', async () => {
      const found = await parsed(sender.pullRequest({ ...A_PULL_REQUEST, change: 'labeled' }));
      expect(found).toMatchObject({ events: [], ignored: expect.stringMatching(/\.$/) as string });
    });

    it('from a fork says so', async () => {
      const found = await event(sender.pullRequest({ ...A_PULL_REQUEST, from: FORK }));
      expect(found).toMatchObject({ repository: SHOP, isFork: true, head: { repository: FORK } });
    });

    it('from a branch that Git would not take is refused', async () => {
      const message = sender.pullRequest({ ...A_PULL_REQUEST, branch: 'a b' });
      expect(await result(deliver(sender, message, SECRET))).toMatchObject({ ok: false });
    });
  });

  describe('everything else', () => {
    it.each(Object.entries(sender.others))('is ignored, and said why: %s', async (_name, message) => {
      const found = await parsed(message);
      expect(found).toMatchObject({ events: [], name: message.event });
      expect(found.ignored).toMatch(/[.]$/);
    });
  });

  describe('a delivery', () => {
    it('has the same id when it comes again, and another one has another', async () => {
      const message = sender.push(A_PUSH);
      expect((await parsed(message, 'one')).deliveryId).toBe('one');
      expect(await parsed(message, 'one')).toEqual(await parsed(message, 'one'));
      expect((await parsed(message, 'two')).deliveryId).toBe('two');
    });

    it('under another id is known by its body', async () => {
      const message = sender.push(A_PUSH);
      const hashes = ['one', 'one', 'two'].map((id) => verified(deliver(sender, message, SECRET, id)));
      const [first, again, renamed] = (await Promise.all(hashes)).map(({ bodyHash }) => bodyHash);
      expect(again).toBe(first);
      // Where the id is in the body, it cannot be changed by who does not know the secret.
      expect(renamed === first).toBe(!sender.idInBody);
    });

    it('without an id, or with one that is too long, goes by its body', async () => {
      for (const id of ['', 'x'.repeat(201)]) {
        if (sender.idInBody) continue;
        const delivery = await verified(deliver(sender, sender.push(A_PUSH), SECRET, id));
        expect(trigger.parse(delivery)).toMatchObject({ parsed: { deliveryId: delivery.bodyHash } });
      }
    });

    it('says the same whatever came before it', async () => {
      const messages = [
        sender.push(A_PUSH),
        sender.push({ ...A_PUSH, before: B, after: A }),
        sender.pullRequest(A_PULL_REQUEST),
      ];
      const forth = await Promise.all(messages.map((message) => parsed(message)));
      const back = await Promise.all(messages.toReversed().map((message) => parsed(message)));
      expect(back.toReversed()).toEqual(forth);
    });

    it('about another repository names that one', async () => {
      expect(await event(sender.push({ ...A_PUSH, repository: FORK }))).toMatchObject({ repository: FORK });
    });

    it('about a repository that was renamed has its old id', async () => {
      const repository = { id: SHOP.id, name: 'example-org/store' };
      expect(await event(sender.push({ ...A_PUSH, repository }))).toMatchObject({ repository });
    });
  });

  describe('hostile input', () => {
    const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
    const body = deliver(sender, sender.push(A_PUSH), SECRET).body;
    const text = new TextDecoder().decode(body);

    it('that is cut off is refused', async () => {
      for (let end = 0; end < body.length; end += Math.ceil(body.length / 50)) {
        const raw = deliverBytes(sender, sender.push(A_PUSH), body.slice(0, end), SECRET);
        expect(await result(raw)).toMatchObject({ ok: false, message: 'The body is not JSON.' });
      }
    });

    it('that is not UTF-8 is refused', async () => {
      const raw = deliverBytes(sender, sender.push(A_PUSH), Uint8Array.from([0x22, 0xff, 0xfe, 0x22]), SECRET);
      expect(await result(raw)).toMatchObject({ ok: false });
    });

    it.each(['null', '[]', '"text"', '1', '{}', '[[[[]]]]', '['.repeat(100_000)])(
      'of another shape is refused: %#',
      async (other) => {
        const raw = deliverBytes(sender, sender.push(A_PUSH), bytes(other), SECRET);
        expect(await result(raw)).toMatchObject({
          ok: false,
          message: expect.stringMatching(/^The body is not/) as string,
        });
      },
    );

    it('does not reach into prototypes', async () => {
      // Braces within texts are left alone: Bitbucket's ids have some.
      const poisoned = text.replaceAll(
        /\{(?=["}])/g,
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
      );
      const found = await result(
        deliverBytes(sender, sender.push(A_PUSH), bytes(poisoned.replaceAll(',}', '}')), SECRET),
      );
      expect(found).toMatchObject({ ok: true });
      expect(JSON.stringify(found)).not.toContain('polluted');
      expect((found as unknown as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });

    it('with ten megabytes in a text makes no large event', async () => {
      const long = '🚀'.repeat(2_500_000);
      for (const message of [
        sender.push({ ...A_PUSH, message: long }),
        sender.pullRequest({ ...A_PULL_REQUEST, title: long }),
      ]) {
        const written = JSON.stringify(await event(message));
        expect(written.length).toBeLessThan(5_000);
        expect(written).not.toMatch(/\\ud8/);
      }
    });

    it('with megabytes in a name is refused', async () => {
      const repository = { id: SHOP.id, name: `example-org/${'x'.repeat(2_000_000)}` };
      const found = await result(deliver(sender, sender.push({ ...A_PUSH, repository }), SECRET));
      expect(found).toMatchObject({ ok: false });
      expect(JSON.stringify(found).length).toBeLessThan(500);
    });

    it('with something else for a commit is refused', async () => {
      for (const after of ['--upload-pack=x', 'main', 'B'.repeat(40), `${B}0`, '']) {
        expect(await result(deliver(sender, sender.push({ ...A_PUSH, after }), SECRET))).toMatchObject({ ok: false });
      }
    });

    it('with anything anywhere is never thrown at', async () => {
      const messages = [sender.push(A_PUSH), sender.pullRequest(A_PULL_REQUEST)];
      const deliveries = await Promise.all(messages.map((message) => verified(deliver(sender, message, SECRET))));
      fc.assert(
        fc.property(fc.constantFrom(...deliveries), fc.nat(), fc.jsonValue(), (delivery, place, value) => {
          const document: unknown = JSON.parse(new TextDecoder().decode(delivery.body));
          const changed = bytes(JSON.stringify(withValueAt(document, place, value)));
          const found = trigger.parse({ ...delivery, body: changed });
          if (!found.ok) expect(found.message).not.toBe('');
          else expect(found.parsed.events.length === 0).toBe(found.parsed.ignored !== undefined);
        }),
        { numRuns: 500 },
      );
    });
  });
});

function triggerOf({ kind }: Sender): TriggerSource {
  const trigger = triggerRegistry.get(kind);
  if (trigger === undefined) throw new Error(`nothing receives ${kind}`);
  return trigger;
}

/** The document with one of its values, counted from the top, exchanged for another. */
function withValueAt(document: unknown, place: number, value: unknown): unknown {
  const total = count(document);
  let left = place % total;
  const walk = (node: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return value;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, walk(child)]));
  };
  return walk(document);
}

function count(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1;
  return Object.values(node).reduce<number>((sum, child) => sum + count(child), 1);
}
