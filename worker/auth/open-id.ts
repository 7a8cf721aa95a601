import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { type AllowedHosts, checkAddress } from '../kernel/address-guard.ts';
import { AddressRefused } from '../kernel/guarded-fetch.ts';

/** A tenant's own provider, as the tenant has set it up. */
export interface OpenIdClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What one sign-on must come back with. */
export interface OpenIdChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What the provider says of a person. Nothing of it is true beyond the tenant that chose the provider. */
export interface OpenIdClaims {
  readonly subject: string;
  readonly email: string | undefined;
  readonly isEmailVerified: boolean | undefined;
  readonly name: string | undefined;
  /** Google: whose Workspace the account is in. */
  readonly hostedDomain: string | undefined;
}

export interface OpenId {
  /** The addresses that the provider names. Throws where it is not one that we could use. */
  readonly inspect: (client: OpenIdClient) => Promise<{ readonly authorization: string; readonly token: string }>;
  readonly begin: (
    client: OpenIdClient,
    redirectUri: string,
    loginHint: string,
  ) => Promise<OpenIdChecks & { readonly url: string }>;
  /** `answer`: the redirect URI with everything that the provider has sent back. */
  readonly finish: (client: OpenIdClient, answer: URL, checks: OpenIdChecks) => Promise<OpenIdClaims>;
}

export interface OpenIdParts {
  /** Goes to no address that a tenant may not make us go to. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly allowedHosts: AllowedHosts;
}

const TIMEOUT_SECONDS = 10;
const SCOPE = 'openid email profile';

/** OpenID Connect as `openid-client` has it, which checks state, nonce, issuer, audience, times and signatures. */
export function openId({ fetch, allowedHosts }: OpenIdParts): OpenId {
  const discovered = async ({ issuer, clientId, clientSecret }: OpenIdClient): Promise<Configuration> => {
    const url = new URL(issuer);
    // The address guard lets plain HTTP through where the operator has named the host, and there alone.
    const isPlain = url.protocol === 'http:' && isNamed(url, allowedHosts);
    const config = await discovery(url, clientId, undefined, authentication(clientSecret), {
      [customFetch]: (to, init) => fetch(to, init as RequestInit),
      timeout: TIMEOUT_SECONDS,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- a provider on the operator's own network, which they have named
      execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
    });
    const server = config.serverMetadata();
    // Providers that speak for many organisations at once say another issuer here than in their tokens.
    if (server.issuer !== issuer) throw new Error(`the provider calls itself ${server.issuer}`);
    const { authorization_endpoint: authorization, token_endpoint: token } = server;
    if (authorization === undefined || token === undefined) throw new Error('the provider names no endpoints');
    for (const address of [authorization, token]) {
      const checked = checkAddress(address, allowedHosts);
      if (!checked.ok) throw new Error(checked.message);
    }
    return config;
  };
  return {
    inspect: async (client) => {
      try {
        const server = (await discovered(client)).serverMetadata();
        return { authorization: server.authorization_endpoint ?? '', token: server.token_endpoint ?? '' };
      } catch (error) {
        throw new Error(reasonOf(error), { cause: error });
      }
    },
    begin: async (client, redirectUri, loginHint) => {
      const config = await discovered(client);
      const checks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
        login_hint: loginHint,
      });
      return { ...checks, url: url.href };
    },
    finish: async (client, answer, { state, nonce, verifier }) => {
      const config = await discovered(client);
      const tokens = await authorizationCodeGrant(config, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('the provider sent no ID token');
      if (claims['email'] !== undefined || config.serverMetadata().userinfo_endpoint === undefined) {
        return claimsOf(claims.sub, claims);
      }
      // Its subject must be the one of the ID token.
      const more = await fetchUserInfo(config, tokens.access_token, claims.sub);
      return claimsOf(claims.sub, { ...more, ...claims });
    },
  };
}

/** The library's words for a request that was not made say nothing of why. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const said = cause instanceof AddressRefused ? cause : error;
  return said instanceof Error ? said.message.replace(/\.$/, '') : 'it did not say why';
}

type Authentication = ReturnType<typeof ClientSecretBasic>;

/** Basic is what the standard takes for granted; a provider that does not list it is sent the secret in the body. */
function authentication(secret: string): Authentication {
  const basic = ClientSecretBasic(secret);
  const post = ClientSecretPost(secret);
  return (server, ...rest) => {
    const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    (ways.includes('client_secret_basic') ? basic : post)(server, ...rest);
  };
}

function isNamed(url: URL, allowedHosts: AllowedHosts): boolean {
  return allowedHosts.length > 0 && checkAddress(url.href, allowedHosts).ok && !checkAddress(url.href).ok;
}

function claimsOf(subject: string, claims: Readonly<Record<string, unknown>>): OpenIdClaims {
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const verified = claims['email_verified'];
  return {
    subject,
    email: text('email'),
    // Some providers send it as a text. Whatever else it may be, it is no yes.
    isEmailVerified: verified === undefined ? undefined : verified === true || verified === 'true',
    name: text('name'),
    hostedDomain: text('hd'),
  };
}
