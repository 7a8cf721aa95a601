import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { InvitationView } from '../../../contract/invitations.ts';
import { AuthMethods, CreateTenant, Membership } from '../../../contract/tenants.ts';
import { acceptInvitation, viewInvitation } from '../../services/members/invitations.ts';
import { createTenant, leaveTenant, listTenants, switchTenant } from '../../services/tenants/tenants.ts';
import type { ApiEnv, ApiParts } from '../context.ts';
import { asPerson } from '../middleware/person.ts';
import { json, jsonBody, listOf, problems } from './shared.ts';

const tags = ['People'];
const security = [{ session: [] }];
const IdParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

/** What people do who are signed in, before any tenant comes into it. Programs have tokens, and those are of one tenant. */
export function peopleRoutes(app: OpenAPIHono<ApiEnv>, parts: ApiParts): void {
  const middleware = asPerson(parts);

  app.openapi(
    createRoute({
      method: 'get',
      path: '/auth-methods',
      tags,
      summary: 'How people sign in here',
      responses: { 200: json(AuthMethods, 'What the operator has set up') },
    }),
    (c) => c.json(parts.methods, 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/tenants',
      middleware,
      tags,
      security,
      summary: 'The tenants that you belong to',
      responses: { 200: json(listOf(Membership), 'All of them, by name'), ...problems() },
    }),
    async (c) => c.json({ items: await listTenants(c.get('person')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenants',
      middleware,
      tags,
      security,
      summary: 'Make a tenant, and go on in it as its owner',
      request: { body: jsonBody(CreateTenant) },
      responses: { 201: json(Membership, 'Your place in it'), ...problems('validation_failed', 'slug_taken') },
    }),
    async (c) => c.json(await createTenant(c.get('person'), c.req.valid('json')), 201),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenants/{id}/switch',
      middleware,
      tags,
      security,
      summary: 'Go on in another tenant, in this session',
      request: { params: IdParam },
      responses: { 200: json(Membership, 'Your place in it'), ...problems('tenant_not_found') },
    }),
    async (c) => c.json(await switchTenant(c.get('person'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/tenants/{id}/leave',
      middleware,
      tags,
      security,
      summary: 'Leave a tenant',
      request: { params: IdParam },
      responses: { 204: { description: 'You have left' }, ...problems('tenant_not_found', 'last_owner') },
    }),
    async (c) => {
      await leaveTenant(c.get('person'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/invitations/{id}',
      middleware,
      tags,
      security,
      summary: 'What an invitation is for',
      request: { params: IdParam },
      responses: {
        200: json(InvitationView, 'The invitation'),
        ...problems('invitation_not_found', 'invitation_expired'),
      },
    }),
    async (c) => c.json(await viewInvitation(c.get('person'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/invitations/{id}/accept',
      middleware,
      tags,
      security,
      summary: 'Accept an invitation, and go on in its tenant',
      request: { params: IdParam },
      responses: {
        200: json(z.object({ tenant: z.string() }), 'The id of the tenant'),
        ...problems('invitation_not_found', 'invitation_expired', 'invitation_not_yours'),
      },
    }),
    async (c) => c.json(await acceptInvitation(c.get('person'), c.req.valid('param').id), 200),
  );
}
