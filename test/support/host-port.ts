import { httpPort } from '../../worker/hosts/http.ts';
import type { HttpPort } from '../../worker/hosts/git-host.ts';

/** The real way to a server of a test: the port of the product, with one address let through. */
export function portTo(url: string): HttpPort {
  return httpPort({
    fetch: (target, init) => fetch(target, init),
    allowedHosts: [new URL(url).host],
    timeout: (ms) => AbortSignal.timeout(ms),
  });
}
