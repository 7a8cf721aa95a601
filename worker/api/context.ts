import type { Context } from 'hono';
import type { AuthMethods } from '../../contract/tenants.ts';
import type { Identity } from '../auth/identity.ts';
import type { KeyRing } from '../kernel/crypto.ts';
import type { Log } from '../kernel/log.ts';
import type { AuditNote, PersonContext, Ports, ServiceContext } from '../services/context.ts';
import type { memberQueries } from '../storage/members.ts';

/** Counts by key, near to where the request came in. Undefined: the installation counts nothing, as on one's own machine. */
export type Limiter = Pick<RateLimit, 'limit'> | undefined;

export interface Limiters {
  /** How often a person or a program may ask, and how often an address may try a password; `wrangler.toml` has the numbers. */
  readonly actor: Limiter;
  readonly address: Limiter;
  /** Whoever asks could make addresses up, so all that try passwords count as one. */
  readonly hasOneAddress?: boolean;
}

/** Everything that the API needs from outside; `composition.ts` puts it together. */
export interface ApiParts {
  readonly ports: Ports;
  readonly keys: KeyRing;
  readonly log: Log;
  readonly members: ReturnType<typeof memberQueries>;
  readonly identityFor: (origin: string) => Promise<Identity>;
  readonly methods: AuthMethods;
  readonly limiters: Limiters;
  /** The dashboard, which draws the page that the address names. */
  readonly page: (request: Request) => Promise<Response>;
}

export interface ApiEnv {
  Variables: {
    requestId: string;
    service: ServiceContext;
    person: PersonContext;
    audit: { id: string; noted: AuditNote };
  };
}

export type ApiContext = Context<ApiEnv>;
