import { type AllowedHosts, checkAddress, checkName } from './address-guard.ts';
import type { NameLookup } from './name-lookup.ts';
import { readBytes } from './read-text.ts';

export interface GuardedFetchParts {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly allowedHosts: AllowedHosts;
  /** Absent: the operator has named no resolver. */
  readonly lookUp?: NameLookup | undefined;
}

/** An address that a tenant chose, or that one of theirs led to, and that is not gone to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

const BODY_MAX_BYTES = 1024 * 1024;

/** Fetches what a tenant may make this service fetch: no redirect is followed, no body is larger than a megabyte. */
export function guardedFetch({ fetch, allowedHosts, lookUp }: GuardedFetchParts): GuardedFetchParts['fetch'] {
  return async (text, init) => {
    const address = checkAddress(text, allowedHosts);
    if (!address.ok) throw new AddressRefused(address.message);
    const problem = await checkName(address.url, allowedHosts, lookUp);
    if (problem !== undefined) throw new AddressRefused(problem);
    const response = await fetch(address.url.href, { ...init, redirect: 'manual' });
    const { status, headers } = response;
    const body = response.body as ReadableStream<Uint8Array> | null;
    const bytes = body === null ? null : await readBytes(body, BODY_MAX_BYTES);
    if (bytes === undefined) throw new AddressRefused(`${address.url.host} answered with more than a megabyte.`);
    return new Response([101, 204, 205, 304].includes(status) ? null : bytes, { status, headers });
  };
}
