import type { OpenAPIHono } from '@hono/zod-openapi';
import { publishedKeys } from '../services/id-tokens/keys.ts';
import { PUBLISHED_CACHE_MS } from '../services/id-tokens/rotation.ts';
import type { ApiEnv, ApiParts } from './context.ts';

const CACHED = { 'cache-control': `public, max-age=${PUBLISHED_CACHE_MS / 1000}` };
const JWKS = '/.well-known/jwks.json';

/** What a relying party reads of us: OpenID Connect Discovery 1.0, and the public keys. */
export function wellKnownRoutes(app: OpenAPIHono<ApiEnv>, { ports }: ApiParts): void {
  app.get('/.well-known/openid-configuration', (c) => {
    const issuer = ports.issuer ?? new URL(c.req.url).origin;
    const document = {
      issuer,
      jwks_uri: `${issuer}${JWKS}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
      claims_supported: CLAIMS,
    };
    return c.json(document, 200, CACHED);
  });
  app.get(JWKS, async (c) => c.json(await publishedKeys(ports), 200, CACHED));
}

const CLAIMS = [
  ...['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti'],
  ...[
    'tenant_id',
    'pipeline_id',
    'pipeline',
    'version',
    'definition_digest',
    'execution_id',
    'stage',
    'action',
    'attempt',
  ],
  ...['trigger', 'actor', 'runner_environment'],
];
