import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { CreatedInvitation, CreateInvitation, Invitation } from '../../../contract/invitations.ts';
import { ChangeMember, Grant, Member, SetGrant } from '../../../contract/members.ts';
import { listGrants, removeGrant, setGrant } from '../../services/members/grants.ts';
import { invite, listInvitations, withdrawInvitation } from '../../services/members/invitations.ts';
import { changeMember, listMembers, removeMember } from '../../services/members/members.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security } from './shared.ts';

const tags = ['Members'];
const IdParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const GrantParams = IdParam.extend({
  pipeline: z.string().openapi({ param: { name: 'pipeline', in: 'path' }, example: 'web-shop' }),
});

export function memberRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/members',
      tags,
      security,
      summary: 'List members',
      responses: { 200: json(listOf(Member), 'All members of the tenant, by name'), ...problems() },
    }),
    async (c) => c.json({ items: await listMembers(c.get('service')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/members/{id}',
      tags,
      security,
      summary: 'Change the role of a member',
      description: 'Nobody gives a role above their own. What the member watches live is closed, and asked for anew.',
      request: { params: IdParam, body: jsonBody(ChangeMember) },
      responses: {
        200: json(Member, 'The member as changed'),
        ...problems('validation_failed', 'member_not_found', 'role_too_high', 'last_owner'),
      },
    }),
    async (c) => c.json(await changeMember(c.get('service'), c.req.valid('param').id, c.req.valid('json').role), 200),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/members/{id}',
      tags,
      security,
      summary: 'Remove a member, with all grants',
      request: { params: IdParam },
      responses: {
        204: { description: 'Removed' },
        ...problems('member_not_found', 'role_too_high', 'last_owner'),
      },
    }),
    async (c) => {
      await removeMember(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/members/{id}/grants',
      tags,
      security,
      summary: 'List the further roles of a member, pipeline by pipeline',
      request: { params: IdParam },
      responses: { 200: json(listOf(Grant), 'All grants of the member'), ...problems('member_not_found') },
    }),
    async (c) => {
      const items = await listGrants(c.get('service'), c.req.valid('param').id);
      return c.json({ items, nextCursor: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/members/{id}/grants/{pipeline}',
      tags,
      security,
      summary: 'Give a member a further role for one pipeline',
      request: { params: GrantParams, body: jsonBody(SetGrant) },
      responses: {
        200: json(Grant, 'The grant'),
        ...problems('validation_failed', 'member_not_found', 'pipeline_not_found', 'role_too_high'),
      },
    }),
    async (c) => {
      const { id, pipeline } = c.req.valid('param');
      return c.json(await setGrant(c.get('service'), id, pipeline, c.req.valid('json').role), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/members/{id}/grants/{pipeline}',
      tags,
      security,
      summary: 'Take a grant back',
      request: { params: GrantParams },
      responses: {
        204: { description: 'Taken back' },
        ...problems('member_not_found', 'pipeline_not_found', 'grant_not_found'),
      },
    }),
    async (c) => {
      const { id, pipeline } = c.req.valid('param');
      await removeGrant(c.get('service'), id, pipeline);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/invitations',
      tags,
      security,
      summary: 'List invitations that nobody has answered',
      responses: { 200: json(listOf(Invitation), 'The newest first'), ...problems() },
    }),
    async (c) => {
      const items = await listInvitations(c.get('service'), originOf(c));
      return c.json({ items, nextCursor: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/invitations',
      tags,
      security,
      summary: 'Invite somebody, by mail and by link',
      description: 'Takes the place of an earlier invitation for the same address.',
      request: { body: jsonBody(CreateInvitation) },
      responses: {
        201: json(CreatedInvitation, 'The invitation'),
        ...problems('validation_failed', 'member_exists', 'role_too_high', 'invitations_limit'),
      },
    }),
    async (c) => c.json(await invite(c.get('service'), c.req.valid('json'), originOf(c)), 201),
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/invitations/{id}',
      tags,
      security,
      summary: 'Withdraw an invitation',
      request: { params: IdParam },
      responses: { 204: { description: 'Withdrawn' }, ...problems('invitation_not_found') },
    }),
    async (c) => {
      await withdrawInvitation(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}

/** Where the dashboard is: links lead there. */
function originOf(c: ApiContext): string {
  return new URL(c.req.url).origin;
}
