import { PermanentFailure, RetryableFailure } from '../../kernel/failure.ts';
import { readText } from '../../kernel/read-text.ts';

/** What was asked, as far as it may be shown. */
export interface Asked {
  /** Like `GitHub`. */
  readonly host: string;
  /** Like `GET /repos/example-org/shop`; without a query, for queries may hold what nobody should read. */
  readonly what: string;
  /** Taken out of whatever the host says. */
  readonly secrets: readonly string[];
  readonly now: number;
}

const ERROR_MAX_BYTES = 64 * 1024;
const MESSAGE_MAX_LENGTH = 200;
const PAUSE_MAX_MS = 60 * 60_000;

/** The failure that an answer other than 2xx is: one to try again after, or one that trying again does not help. */
export async function failureOf(response: Response, asked: Asked): Promise<RetryableFailure | PermanentFailure> {
  const { status, headers } = response;
  const said = clean(messageIn(await bodyOf(response)), asked.secrets);
  const text = `${asked.host} answered ${status} to ${asked.what}${said === '' ? '.' : `: ${said}`}`;
  const pauseMs = pauseIn(headers, asked.now);
  const isSpent = headers.get('x-ratelimit-remaining') === '0' || headers.has('retry-after');
  if (status >= 500 || [408, 425, 429].includes(status) || (status === 403 && isSpent)) {
    return new RetryableFailure(text, pauseMs);
  }
  if (status === 401 || status === 403) return new PermanentFailure('PermissionError', text);
  if (status === 404 || status === 410) return new PermanentFailure('RevisionUnavailable', text);
  if (status >= 300 && status < 400) {
    return new PermanentFailure('ConfigurationError', `${text} It has moved; name it as it is called now.`);
  }
  return new PermanentFailure('ConfigurationError', text);
}

/** From `Retry-After` (seconds, or a date), else from when a spent limit is whole again (seconds since the epoch). */
function pauseIn(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null) {
    const until = /^\d{1,9}$/.test(after) ? now + Number(after) * 1000 : Date.parse(after);
    return bounded(until - now);
  }
  if (headers.get('x-ratelimit-remaining') !== '0' && headers.get('ratelimit-remaining') !== '0') return undefined;
  const reset = headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  return reset === null || !/^\d{1,12}$/.test(reset) ? undefined : bounded(Number(reset) * 1000 - now);
}

function bounded(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), PAUSE_MAX_MS) : undefined;
}

async function bodyOf({ body }: Response): Promise<string> {
  try {
    return (await readText(body, ERROR_MAX_BYTES)) ?? '';
  } catch {
    return '';
  }
}

/** `message`, `error`, which may be an object, or `title` of a JSON object, and what its `errors` add; a page in HTML says nothing that anybody wants to read. */
function messageIn(text: string): string {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) return '';
    const { message, error, title, errors } = found as Readonly<Record<string, unknown>>;
    const words = [message, ...detailsIn([error]), title];
    const parts = [words.find((part) => typeof part === 'string'), ...detailsIn(errors)];
    return parts.filter((part) => typeof part === 'string').join(' ');
  } catch {
    return '';
  }
}

function detailsIn(errors: unknown): readonly unknown[] {
  if (!Array.isArray(errors)) return [errors];
  return errors.slice(0, 3).map((error: unknown) => {
    return typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  });
}

function clean(text: string, secrets: readonly string[]): string {
  const open = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);

  const line = open.replaceAll(/[\u0000-\u001f\u007f\s]+/g, ' ').trim();
  return line.length <= MESSAGE_MAX_LENGTH ? line : `${line.slice(0, MESSAGE_MAX_LENGTH)}…`;
}
