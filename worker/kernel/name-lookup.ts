/** Every address that a name leads to. Throws when that cannot be found out. */
export type NameLookup = (host: string) => Promise<readonly string[]>;

/** Every text that is published under a name itself. Throws when that cannot be found out. */
export type TextLookup = (host: string) => Promise<readonly string[]>;

const TYPES = { A: 1, TXT: 16, AAAA: 28 } as const;
const NXDOMAIN = 3;

interface Answer {
  readonly Status: number;
  readonly Answer?: readonly DnsRecord[];
}

interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly data: string;
}

type Ask = (url: string, init: RequestInit) => Promise<Response>;

/** Asks a resolver over HTTPS, in the JSON form that Cloudflare's and Google's speak. Workers have no other way to look a name up. */
export function dnsOverHttps(resolver: string, ask: Ask, timeout: () => AbortSignal): NameLookup {
  return async (host) => {
    const found = await Promise.all([
      records(resolver, ask, timeout, host, 'A'),
      records(resolver, ask, timeout, host, 'AAAA'),
    ]);
    return found.flat().map(({ data }) => data);
  };
}

export function textsOverHttps(resolver: string, ask: Ask, timeout: () => AbortSignal): TextLookup {
  return async (host) => {
    const found = await records(resolver, ask, timeout, host, 'TXT');
    // An alias leads to texts that somebody else has published.
    return found.filter(({ name }) => isSameName(name, host)).map(({ data }) => textOf(data));
  };
}

async function records(
  resolver: string,
  ask: Ask,
  timeout: () => AbortSignal,
  host: string,
  type: keyof typeof TYPES,
): Promise<readonly DnsRecord[]> {
  const url = new URL(resolver);
  url.searchParams.set('name', host);
  url.searchParams.set('type', type);
  const headers = { accept: 'application/dns-json' };
  const response = await ask(url.href, { headers, redirect: 'manual', signal: timeout() });
  if (!response.ok) throw new Error(`the resolver answered ${response.status}`);
  // What a resolver says is only ever compared with what is allowed, or with what was given out to be published.
  const answer: Answer = await response.json();
  if (answer.Status === NXDOMAIN) return [];
  if (answer.Status !== 0) throw new Error(`the resolver could not say: ${answer.Status}`);
  return (answer.Answer ?? []).filter((record) => record.type === TYPES[type]);
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase().replace(/\.$/, '') === other.toLowerCase().replace(/\.$/, '');
}

/** A text comes in quoted pieces of 255 bytes at most; some resolvers take the quotes away. */
function textOf(data: string): string {
  const pieces = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, piece = '']) => piece);
  return pieces.length === 0 ? data : pieces.join('');
}
