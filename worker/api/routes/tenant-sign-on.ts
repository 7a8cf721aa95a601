import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AddSignOnDomain, SaveSignOn, SignOn, SignOnDomain, SignOnTest } from '../../../contract/sign-on.ts';
import { getSignOn, removeSignOn, saveSignOn, testSignOn } from '../../services/sign-on/connection.ts';
import { addDomain, checkDomain, removeDomain } from '../../services/sign-on/domains.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { json, jsonBody, problems, security } from './shared.ts';

const tags = ['Sign-on'];
const DomainParam = z.object({
  domain: z.string().openapi({ param: { name: 'domain', in: 'path' }, example: 'example.com' }),
});

/** How a tenant sets up the identity provider of its own company. */
export function tenantSignOnRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/tenant/sign-on',
      tags,
      security,
      summary: 'The tenant’s own sign-on, and its domains',
      responses: { 200: json(SignOn, 'What is set up; never the secret'), ...problems() },
    }),
    async (c) => c.json(await getSignOn(c.get('service'), originOf(c)), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/tenant/sign-on',
      tags,
      security,
      summary: 'Set up the tenant’s own sign-on by OpenID Connect',
      description:
        'The provider is asked for its endpoints first. With another issuer or client, whoever the former one let in must sign on anew.',
      request: { body: jsonBody(SaveSignOn) },
      responses: {
        200: json(SignOn, 'What is set up'),
        ...problems('validation_failed', 'role_too_high', 'sign_on_provider_failed'),
      },
    }),
    async (c) => c.json(await saveSignOn(c.get('service'), c.req.valid('json'), originOf(c)), 200),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/tenant/sign-on',
      tags,
      security,
      summary: 'Remove the tenant’s own sign-on, and end the sessions that it started',
      responses: { 204: { description: 'Removed' }, ...problems('sign_on_not_found') },
    }),
    async (c) => {
      await removeSignOn(c.get('service'));
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenant/sign-on/test',
      tags,
      security,
      summary: 'Ask the provider for its endpoints',
      responses: {
        200: json(SignOnTest, 'Where the provider is asked'),
        ...problems('sign_on_not_found', 'sign_on_provider_failed'),
      },
    }),
    async (c) => c.json(await testSignOn(c.get('service')), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenant/sign-on/domains',
      tags,
      security,
      summary: 'Say that a domain is the tenant’s, and learn how to prove it',
      request: { body: jsonBody(AddSignOnDomain) },
      responses: { 201: json(SignOnDomain, 'The domain'), ...problems('validation_failed', 'quota_exceeded') },
    }),
    async (c) => c.json(await addDomain(c.get('service'), c.req.valid('json').domain), 201),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenant/sign-on/domains/{domain}/check',
      tags,
      security,
      summary: 'Look for the TXT record that proves the domain',
      request: { params: DomainParam },
      responses: {
        200: json(SignOnDomain, 'It is proven'),
        ...problems('domain_not_found', 'domain_not_proven', 'domain_taken'),
      },
    }),
    async (c) => c.json(await checkDomain(c.get('service'), c.req.valid('param').domain), 200),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/tenant/sign-on/domains/{domain}',
      tags,
      security,
      summary: 'Give a domain up',
      request: { params: DomainParam },
      responses: { 204: { description: 'Given up' }, ...problems('domain_not_found') },
    }),
    async (c) => {
      await removeDomain(c.get('service'), c.req.valid('param').domain);
      return c.body(null, 204);
    },
  );
}

function originOf(c: ApiContext): string {
  return new URL(c.req.url).origin;
}
