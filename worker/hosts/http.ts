import { type AllowedHosts, checkAddress, checkName } from '../kernel/address-guard.ts';
import { PermanentFailure, RetryableFailure } from '../kernel/failure.ts';
import type { NameLookup } from '../kernel/name-lookup.ts';
import type { HttpPort, HttpRequest } from './git-host.ts';

export interface HttpParts {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly allowedHosts: AllowedHosts;
  /** Absent: the operator has named no resolver. */
  readonly lookUp?: NameLookup | undefined;
  /** Ends the request after so many milliseconds, its body included. */
  readonly timeout: (ms: number) => AbortSignal;
}

/** Shorter than what an object's courier takes for a lost delivery. */
const TIMEOUT_MS = 15_000;
const REDIRECTS_MAX = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
/** All that another origin is told. A list of what to drop would one day miss something: hosts invent headers for credentials. */
const HARMLESS = ['accept', 'user-agent'];

export function httpPort(parts: HttpParts): HttpPort {
  return {
    send: async (request) => ask(await allowed(request.url, parts), request, parts),
    follow: async (request) => {
      let url = await allowed(request.url, parts);
      const { origin } = url;
      let { headers = {} } = request;
      for (let redirects = 0; ; redirects += 1) {
        const response = await ask(url, { ...request, method: 'GET', headers }, parts);
        const location = response.headers.get('location');
        if (!REDIRECTS.includes(response.status) || location === null) return response;
        await response.body?.cancel();
        if (redirects === REDIRECTS_MAX) throw misled(url, `more than ${REDIRECTS_MAX} times`);
        if (!URL.canParse(location, url.href)) throw misled(url, 'to what is not a URL');
        url = await allowed(new URL(location, url).href, parts);
        // Once away they stay away: whoever leads back here may have chosen where to.
        if (url.origin !== origin) headers = harmless(headers);
      }
    },
  };
}

async function allowed(text: string, { allowedHosts, lookUp }: HttpParts): Promise<URL> {
  const address = checkAddress(text, allowedHosts);
  if (!address.ok) throw new PermanentFailure('ConfigurationError', address.message);
  const problem = await checkName(address.url, allowedHosts, lookUp);
  if (problem !== undefined) throw new PermanentFailure('ConfigurationError', problem);
  return address.url;
}

async function ask(url: URL, request: HttpRequest, { fetch, timeout }: HttpParts): Promise<Response> {
  const { method, headers = {}, body, timeoutMs = TIMEOUT_MS } = request;
  try {
    return await fetch(url.href, {
      method,
      headers,
      redirect: 'manual',
      signal: timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    // Its own text may name the address with all that is in it.
    const isTimeout = error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name);
    const reason = isTimeout ? `no answer within ${timeoutMs / 1000} s` : 'the connection failed';
    throw new RetryableFailure(`${url.host} could not be asked: ${reason}.`);
  }
}

function harmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.includes(name.toLowerCase())));
}

function misled({ host }: URL, how: string): PermanentFailure {
  return new PermanentFailure('ConfigurationError', `${host} redirects ${how}.`);
}
