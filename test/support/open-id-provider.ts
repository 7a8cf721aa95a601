import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import type { TestProject } from 'vitest/node';

/** Whom a provider says that it has before it: whatever its admin likes. */
export interface Said {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Two identity providers, each with a customer who may have it say anything. */
    readonly openIdIssuers: readonly [string, string];
  }
}

/** For suites in workerd, which cannot run it themselves. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [one, other] = await Promise.all([
    startProvider({ isInIdToken: true }),
    startProvider({ isInIdToken: false }),
  ]);
  project.provide('openIdIssuers', [one.issuer, other.issuer]);
  return async () => {
    await Promise.all([one.stop(), other.stop()]);
  };
}

/**
 * A real OpenID provider whose login page asks nothing: it lets in whoever was last PUT to /next. `isInIdToken`: whether the claims
 * come in the ID token, or from the userinfo endpoint, as the standard would have it.
 */
export async function startProvider({
  isInIdToken,
}: {
  readonly isInIdToken: boolean;
}): Promise<{ readonly issuer: string; readonly stop: () => Promise<void> }> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = new Map<string, Said>();
  let next: Said = { sub: 'nobody' };
  const provider = new Provider(issuer, await configuration(people, isInIdToken));
  const callback = provider.callback();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'PUT' && request.url === '/next') {
      next = JSON.parse(await textOf(request)) as Said;
      people.set(next.sub, next);
      response.writeHead(204).end();
    } else if (request.url?.startsWith('/login/') === true) {
      await provider.interactionFinished(request, response, { login: { accountId: next.sub } });
    } else {
      await callback(request, response);
    }
  };
  handle = (request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { issuer, stop };
}

async function configuration(people: ReadonlyMap<string, Said>, isInIdToken: boolean): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'hd'] },
    conformIdTokenClaims: !isInIdToken,
    features: { devInteractions: { enabled: false }, registration: { enabled: true } },
    interactions: { url: (_, { uid }) => `/login/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => people.get(sub) ?? { sub } }),
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
