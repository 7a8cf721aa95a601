import { describe, expect, it } from 'vitest';
import { checkName, parseAllowedHosts } from '../../../worker/kernel/address-guard.ts';
import { dnsOverHttps, textsOverHttps } from '../../../worker/kernel/name-lookup.ts';

const RESOLVER = 'https://resolver.example/dns-query';
const noTimeout = (): AbortSignal => new AbortController().signal;

function leadingTo(...addresses: string[]) {
  return () => Promise.resolve(addresses);
}

function checked(addresses: readonly string[], url = 'https://service.example/', allowed = '') {
  return checkName(new URL(url), parseAllowedHosts(allowed), leadingTo(...addresses));
}

describe('a name', () => {
  it.each([[['93.184.216.34']], [['93.184.216.34', '2606:4700:4700::1111']]])(
    'that leads to %j is gone to',
    async (to) => {
      expect(await checked(to)).toBeUndefined();
    },
  );

  it.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['0.0.0.0'],
    ['::1'],
    ['::ffff:10.0.0.1'],
    ['::ffff:a00:1'],
    ['fd00::1'],
    ['fe80::1'],
    ['64:ff9b::a00:1'],
    ['2002:a00:1::1'],
    ['999.1.1.1'],
    ['not an address'],
    ['93.184.216.34', '127.0.0.1'],
    ['93.184.216.34', 'fd00::1'],
  ])('that leads to %s %s is not', async (...to) => {
    expect(await checked(to)).toBe('The host "service.example" does not lead to a public address.');
  });

  it('that leads nowhere, or cannot be looked up, is not', async () => {
    expect(await checked([])).toContain('does not exist');
    const failing = () => Promise.reject(new Error('down'));
    expect(await checkName(new URL('https://service.example'), [], failing)).toContain('could not be looked up');
  });

  it('that the operator lets through is not looked up, nor is an address', async () => {
    expect(await checked(['10.0.0.1'], 'https://inside.example:8443/', 'inside.example:8443')).toBeUndefined();
    expect(await checked(['10.0.0.1'], 'https://8.8.8.8/')).toBeUndefined();
  });
});

describe('over HTTPS', () => {
  const answering = (answer: (type: string | null) => Response) => {
    const asked: string[] = [];
    const lookUp = dnsOverHttps(
      RESOLVER,
      (url) => {
        asked.push(url);
        return Promise.resolve(answer(new URL(url).searchParams.get('type')));
      },
      noTimeout,
    );
    return { asked, lookUp };
  };

  it('asks for both families, and takes only addresses out of the answer', async () => {
    const { asked, lookUp } = answering((type) =>
      Response.json({
        Status: 0,
        Answer: [
          { type: 5, data: 'other.example.' },
          type === 'A' ? { type: 1, data: '192.0.2.1' } : { type: 28, data: '2001:db8::1' },
        ],
      }),
    );
    expect(await lookUp('service.example')).toEqual(['192.0.2.1', '2001:db8::1']);
    expect(asked).toEqual([`${RESOLVER}?name=service.example&type=A`, `${RESOLVER}?name=service.example&type=AAAA`]);
  });

  it('knows a name that does not exist from one that cannot be looked up', async () => {
    expect(await answering(() => Response.json({ Status: 3 })).lookUp('x.example')).toEqual([]);
    await expect(answering(() => Response.json({ Status: 2 })).lookUp('x.example')).rejects.toThrow('could not say');
    await expect(answering(() => new Response('', { status: 503 })).lookUp('x.example')).rejects.toThrow('503');
    await expect(answering(() => new Response('<html>')).lookUp('x.example')).rejects.toThrow();
  });

  it('does not go by one family when the other could not be asked', async () => {
    const half = answering((type) =>
      type === 'A'
        ? Response.json({ Status: 0, Answer: [{ type: 1, data: '8.8.8.8' }] })
        : new Response('', { status: 500 }),
    );
    await expect(half.lookUp('service.example')).rejects.toThrow();
  });
});

describe('the texts of a name', () => {
  const texts = (Answer: readonly object[], host = 'example.com'): Promise<readonly string[]> =>
    textsOverHttps(RESOLVER, () => Promise.resolve(Response.json({ Status: 0, Answer })), noTimeout)(host);

  it('come whole, whether a resolver leaves them in quoted pieces or not', async () => {
    const name = 'example.com.';
    const found = texts([
      { name, type: 16, data: '"one"' },
      { name, type: 16, data: '"in " "pieces"' },
      { name, type: 16, data: 'bare' },
      { name, type: 1, data: '192.0.2.1' },
    ]);
    expect(await found).toEqual(['one', 'in pieces', 'bare']);
  });

  it('are those of the name itself, not of what it is an alias for', async () => {
    const found = texts(
      [
        { name: 'www.Example.com', type: 5, data: 'elsewhere.example.' },
        { name: 'elsewhere.example.', type: 16, data: '"not theirs"' },
        { name: 'WWW.example.com.', type: 16, data: '"theirs"' },
      ],
      'www.example.com',
    );
    expect(await found).toEqual(['theirs']);
  });

  it('are not none where they could not be looked up', async () => {
    const failing = textsOverHttps(RESOLVER, () => Promise.resolve(Response.json({ Status: 2 })), noTimeout);
    await expect(failing('example.com')).rejects.toThrow('could not say');
  });
});
