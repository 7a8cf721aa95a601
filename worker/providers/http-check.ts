import { type AllowedHosts, checkAddress, checkName } from '../kernel/address-guard.ts';
import { jsonPath } from '../kernel/json-path.ts';
import type { NameLookup } from '../kernel/name-lookup.ts';
import { readText } from '../kernel/read-text.ts';
import {
  type ActionProvider,
  answering,
  met,
  misconfigured,
  type Progress,
  type ProviderRun,
  unmet,
} from './provider.ts';

export interface HttpCheckParts {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly allowedHosts: AllowedHosts;
  /** Absent: the operator has named no resolver. */
  readonly lookUp?: NameLookup | undefined;
  /** Ends the request after so many milliseconds. */
  readonly timeout: (ms: number) => AbortSignal;
}

const TIMEOUT_MS = 10_000;
const REDIRECTS_MAX = 3;
const BODY_MAX_BYTES = 256 * 1024;
const METHODS = ['GET', 'HEAD', 'POST'];
const REDIRECTS = [301, 302, 303, 307, 308];

/** Rule/HttpCheck: holds while a URL answers as it should. A service that does not answer at all simply does not hold. */
export function httpCheck(parts: HttpCheckParts): ActionProvider {
  return answering(['Rule/HttpCheck'], async ({ configuration }: ProviderRun) => {
    const check = checkOf(configuration);
    if (typeof check === 'string') return misconfigured(check);
    const address = checkAddress(check.url, parts.allowedHosts);
    if (!address.ok) return misconfigured(`Url: ${address.message}`);
    try {
      return await ask(check, address.url, parts);
    } catch (error) {
      return unmet(`${address.url.host} could not be asked: ${reasonOf(error)}`);
    }
  });
}

interface Check {
  readonly url: string;
  readonly method: string;
  readonly isStatus: (status: number) => boolean;
  readonly expectedStatus: string;
  readonly contains: string | undefined;
  readonly json: { readonly path: string; readonly expected: string | undefined } | undefined;
}

/** What is to be asked, or what is wrong with the configuration. */
function checkOf(configuration: ProviderRun['configuration']): Check | string {
  const { Url: url, Method: method = 'GET', ExpectedStatus: expectedStatus = '2xx' } = configuration;
  const { BodyContains: contains, JsonPath: path, Expected: expected } = configuration;
  if (url === undefined) return 'Url is missing.';
  if (!METHODS.includes(method)) return `Method is "${method}"; it must be one of ${METHODS.join(', ')}.`;
  if (method === 'HEAD' && (contains ?? path) !== undefined) return 'HEAD has no body to look into; use GET.';
  const isStatus = statusTest(expectedStatus);
  if (isStatus === undefined) {
    return `ExpectedStatus is "${expectedStatus}"; it must be like 200, 2xx, 200-299 or 200,204.`;
  }
  if (path !== undefined && jsonPath(path) === undefined) {
    return `JsonPath is "${path}"; it must be like $.status or $.checks[0]['name'].`;
  }
  if (path === undefined && expected !== undefined) return 'Expected needs a JsonPath that says where to look.';
  const json = path === undefined ? undefined : { path, expected };
  return { url, method, isStatus, expectedStatus, contains, json };
}

async function ask(
  check: Check,
  first: URL,
  { fetch, allowedHosts, lookUp, timeout }: HttpCheckParts,
): Promise<Progress> {
  const signal = timeout(TIMEOUT_MS);
  let url = first;
  let { method } = check;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const refused = await checkName(url, allowedHosts, lookUp);
    if (refused !== undefined) return unmet(refused);
    const headers = { accept: '*/*', 'user-agent': 'Millrace-HttpCheck' };
    const response = await fetch(url.href, { method, headers, redirect: 'manual', signal });
    const location = response.headers.get('location');
    // Whoever expects a redirect wants to see it, not what is behind it.
    if (!REDIRECTS.includes(response.status) || location === null || check.isStatus(response.status)) {
      return await judge(check, url, response);
    }
    await response.body?.cancel();
    const target = URL.canParse(location, url.href) ? new URL(location, url).href : location;
    const next = checkAddress(target, allowedHosts);
    if (!next.ok) return unmet(`${url.host} redirects to where it may not: ${next.message}`);
    url = next.url;
    if (response.status <= 303 && method === 'POST') method = 'GET';
  }
  return unmet(`${first.host} redirects more than ${REDIRECTS_MAX} times.`);
}

async function judge(check: Check, { host }: URL, response: Response): Promise<Progress> {
  const { status } = response;
  if (!check.isStatus(status)) {
    await response.body?.cancel();
    return unmet(`${host} answered ${status}, not ${check.expectedStatus}.`);
  }
  if (check.contains === undefined && check.json === undefined) {
    await response.body?.cancel();
    return met(`${host} answered ${status}.`);
  }
  const body = await readText(response.body, BODY_MAX_BYTES);
  if (body === undefined) return unmet(`${host} answered with more than ${BODY_MAX_BYTES / 1024} KiB.`);
  if (check.contains !== undefined && !body.includes(check.contains)) {
    return unmet(`The answer of ${host} does not contain "${check.contains}".`);
  }
  return check.json === undefined ? met(`${host} answered ${status}.`) : judgeJson(check.json, host, body);
}

function judgeJson({ path, expected }: NonNullable<Check['json']>, host: string, body: string): Progress {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return unmet(`The answer of ${host} is not JSON.`);
  }
  const found = jsonPath(path)?.(document);
  if (found === undefined) return unmet(`The answer of ${host} has nothing at ${path}.`);
  const text = typeof found === 'string' ? found : JSON.stringify(found);
  if (expected === undefined || text === expected) return met(`${path} is ${text.slice(0, 100)}.`);
  return unmet(`${path} is "${text.slice(0, 100)}", not "${expected}".`);
}

function statusTest(text: string): ((status: number) => boolean) | undefined {
  const tests = text.split(',').map((part): ((status: number) => boolean) | undefined => {
    const [, hundreds] = /^([1-5])xx$/i.exec(part.trim()) ?? [];
    if (hundreds !== undefined) return (status) => Math.floor(status / 100) === Number(hundreds);
    const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part.trim()) ?? [];
    return from === undefined ? undefined : (status) => status >= Number(from) && status <= Number(to);
  });
  if (tests.includes(undefined)) return undefined;
  return (status) => tests.some((test) => test?.(status));
}

/** A timeout is told from other failures; their own texts name addresses and are for logs. */
function reasonOf(error: unknown): string {
  const isTimeout = error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name);
  return isTimeout ? `no answer within ${TIMEOUT_MS / 1000} s.` : 'the connection failed.';
}
