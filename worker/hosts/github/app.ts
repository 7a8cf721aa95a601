import { z } from 'zod';
import { sha256 } from '../../kernel/crypto.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PermanentFailure, RetryableFailure } from '../../kernel/failure.ts';
import { signJwt } from '../../kernel/rs256.ts';
import { rsaPrivateKey } from '../../kernel/rsa-pem.ts';
import type { HostCredentials } from '../git-host.ts';
import type { HostApi } from '../support/host-api.ts';
import { segments } from '../support/path.ts';

/** What an installation token may do: no more than the call at hand needs, at the one repository that it is about. */
export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

export type AppCredentials = Extract<HostCredentials, { kind: 'app' }>;

/** Tokens that are still good, by what they were made for. One per isolate; the key holds a hash of the private key, for two tenants may name the same app. */
export type TokenCache = Map<string, Promise<InstallationToken>>;

export interface InstallationToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** A clock over there may be behind. */
const ISSUED_BEFORE_S = 30;
/** GitHub takes ten minutes at most. */
const JWT_LIFE_S = 600;
const RENEWED_BEFORE_MS = 5 * 60_000;
const TOKENS_MAX = 1_000;
/** A token is not known everywhere in the moment in which it is made. */
const SPREADS_WITHIN_MS = 10_000;

const INSTALLATION = z.object({ id: z.number() });
const TOKEN = z.object({ token: z.string(), expires_at: z.string() });

/** What the app itself asks with. */
export async function jwt({ appId, privateKey }: AppCredentials, clock: Clock): Promise<string> {
  const key = await rsaPrivateKey(privateKey);
  if (key === undefined) {
    const text = 'The private key of the app is not one: it must be the PEM file that GitHub made for the app.';
    throw new PermanentFailure('ConfigurationError', text);
  }
  const iat = Math.floor(clock.now() / 1000) - ISSUED_BEFORE_S;
  return signJwt({ iat, exp: iat + JWT_LIFE_S, iss: appId }, key);
}

export interface GitHubAppParts {
  readonly apiUrl: string;
  readonly clock: Clock;
}

export class GitHubApp {
  readonly #credentials: AppCredentials;
  readonly #api: HostApi;
  readonly #tokens: TokenCache;
  readonly #parts: GitHubAppParts;

  /** `api` asks as the app itself. */
  constructor(credentials: AppCredentials, api: HostApi, tokens: TokenCache, parts: GitHubAppParts) {
    this.#credentials = credentials;
    this.#api = api;
    this.#tokens = tokens;
    this.#parts = parts;
  }

  async token(repository: string, permissions: Permissions): Promise<string> {
    const key = await this.#key(repository, permissions);
    const known = await this.#tokens.get(key);
    if (known !== undefined && known.expiresAt - RENEWED_BEFORE_MS > this.#parts.clock.now()) return known.token;
    if (this.#tokens.size >= TOKENS_MAX) this.#tokens.clear();
    const made = this.#make(repository, permissions);
    this.#tokens.set(key, made);
    try {
      return (await made).token;
    } catch (error) {
      this.#tokens.delete(key);
      throw error;
    }
  }

  /** GitHub does not know a token that it has made: it is too new, or somebody has taken it back. */
  async forget(repository: string, permissions: Permissions): Promise<RetryableFailure> {
    this.#tokens.delete(await this.#key(repository, permissions));
    return new RetryableFailure('GitHub does not know the token of the app that it has made.', SPREADS_WITHIN_MS);
  }

  async #make(repository: string, permissions: Permissions): Promise<InstallationToken> {
    const installation = this.#credentials.installationId ?? (await this.#installation(repository));
    const { token, expires_at: expiresAt } = await this.#api.send(
      {
        method: 'POST',
        path: `/app/installations/${segments(installation)}/access_tokens`,
        body: { repositories: [repository.slice(repository.indexOf('/') + 1)], permissions },
      },
      TOKEN,
    );
    return { token, expiresAt: Date.parse(expiresAt) };
  }

  async #installation(repository: string): Promise<string> {
    const found = await this.#api.find(`/repos/${segments(repository)}/installation`, INSTALLATION);
    if (found !== undefined) return String(found.id);
    throw new PermanentFailure('PermissionError', `The app is not installed for ${repository}.`);
  }

  async #key(repository: string, permissions: Permissions): Promise<string> {
    const { appId, installationId, privateKey } = this.#credentials;
    const { apiUrl } = this.#parts;
    return sha256(JSON.stringify([apiUrl, appId, installationId, privateKey, repository, permissions]));
  }
}
