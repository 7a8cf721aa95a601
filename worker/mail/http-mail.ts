import type { Log } from '../kernel/log.ts';
import type { Mail } from './mail.ts';

export interface HttpMailOptions {
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined;
  readonly from: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly log: Log;
}

const TIMEOUT_MS = 10_000;

/** One JSON POST a letter, in the shape that most mail services take: from, to, subject, text, html. */
export function httpMail({ url, token, from, fetch, log }: HttpMailOptions): Mail {
  return {
    async send({ to, subject, text, html }) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          // Another place would be given the token and the link.
          redirect: 'manual',
          headers: {
            'content-type': 'application/json',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify({ from, to, subject, text, html }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        await response.body?.cancel();
        // The status alone: the answer may quote the letter, and the letter holds a secret.
        if (!response.ok) log.error('mail refused', { status: response.status });
        return response.ok;
      } catch (error) {
        log.error('mail not sent', {}, error);
        return false;
      }
    },
  };
}
