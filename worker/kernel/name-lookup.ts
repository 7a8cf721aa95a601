/** Every address that a name leads to. Throws when that cannot be found out. */
export type NameLookup = (host: string) => Promise<readonly string[]>;

const A = 1;
const AAAA = 28;
const NXDOMAIN = 3;

interface Answer {
  readonly Status: number;
  readonly Answer?: readonly { readonly type: number; readonly data: string }[];
}

/** Asks a resolver over HTTPS, in the JSON form that Cloudflare's and Google's speak. Workers have no other way to look a name up. */
export function dnsOverHttps(
  resolver: string,
  ask: (url: string, init: RequestInit) => Promise<Response>,
  timeout: () => AbortSignal,
): NameLookup {
  const lookUp = async (host: string, type: number): Promise<readonly string[]> => {
    const url = new URL(resolver);
    url.searchParams.set('name', host);
    url.searchParams.set('type', type === A ? 'A' : 'AAAA');
    const headers = { accept: 'application/dns-json' };
    const response = await ask(url.href, { headers, redirect: 'manual', signal: timeout() });
    if (!response.ok) throw new Error(`the resolver answered ${response.status}`);
    // What a resolver says is only ever compared with addresses that are allowed.
    const answer: Answer = await response.json();
    if (answer.Status === NXDOMAIN) return [];
    if (answer.Status !== 0) throw new Error(`the resolver could not say: ${answer.Status}`);
    return (answer.Answer ?? []).filter((record) => record.type === type).map(({ data }) => data);
  };
  return async (host) => (await Promise.all([lookUp(host, A), lookUp(host, AAAA)])).flat();
}
