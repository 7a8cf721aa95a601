import type { Clock } from '../../kernel/clock.ts';
import { PermanentFailure } from '../../kernel/failure.ts';
import type { HostAccess, HttpPort } from '../git-host.ts';
import { base64OfText } from '../support/base64.ts';
import { HostApi } from '../support/host-api.ts';

export interface BitbucketParts {
  readonly http: HttpPort;
  readonly clock: Clock;
}

export interface BitbucketApi {
  readonly api: HostApi;
  readonly apiUrl: string;
  /** The site itself, which has what the API has not: archives. */
  readonly site: HostApi;
  readonly siteUrl: string;
  readonly token: string;
  /** The token is a person's, whose e-mail address goes with it; else a workspace's, a project's or a repository's own. */
  readonly isPersonal: boolean;
}

export function bitbucketApi(access: HostAccess, { http, clock }: BitbucketParts): BitbucketApi {
  const { credentials, baseUrl: siteUrl } = access;
  if (credentials.kind !== 'token') {
    throw new PermanentFailure('ConfigurationError', 'Bitbucket is asked with an API token or an access token.');
  }
  const { token, user } = credentials;
  const isPersonal = user !== undefined && user !== '';
  const basic = base64OfText(`${user ?? ''}:${token}`);
  const parts = {
    http,
    clock,
    host: 'Bitbucket',
    headers: { accept: 'application/json' },
    authorization: () => Promise.resolve(isPersonal ? `Basic ${basic}` : `Bearer ${token}`),
    secrets: [token, basic],
  };
  const apiUrl = access.apiUrl ?? apiUrlOf(siteUrl);
  return {
    api: new HostApi({ ...parts, baseUrl: apiUrl }),
    apiUrl,
    // Who is not known is led to a page for signing in.
    site: new HostApi({ ...parts, baseUrl: siteUrl, followsRedirects: false, signInStatuses: [302] }),
    siteUrl,
    token,
    isPersonal,
  };
}

function apiUrlOf(baseUrl: string): string {
  const { protocol, host } = new URL(baseUrl);
  return `${protocol}//api.${host}/2.0`;
}
