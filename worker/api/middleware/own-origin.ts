import { DomainError } from '../../services/domain-error.ts';
import type { ApiContext } from '../context.ts';

/** What a form of a foreign page can send without asking first. */
const FORM_TYPES = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i;

/**
 * Cookies come along with whatever a foreign page sends: anything that changes something, and every socket, must come from
 * our own pages. Browsers always say where such a request comes from.
 */
export function refuseForeignOrigin(c: ApiContext): void {
  const isUpgrade = c.req.header('upgrade')?.toLowerCase() === 'websocket';
  if (['GET', 'HEAD'].includes(c.req.method) && !isUpgrade) return;
  const origin = c.req.header('origin');
  if (origin === undefined && c.req.header('cookie') === undefined) return; // nothing to abuse; refused later as not signed in
  const site = c.req.header('sec-fetch-site');
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeign || origin !== new URL(c.req.url).origin) {
    throw new DomainError('forbidden', 'This request comes from another site.');
  }
  if (FORM_TYPES.test(c.req.header('content-type') ?? '')) {
    throw new DomainError('unsupported_media_type', 'Send JSON; forms are not taken.');
  }
}
