import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  ChangeConnection,
  Connection,
  ConnectionHook,
  ConnectionKind,
  ConnectionRepository,
  ConnectionTest,
  CreateConnection,
  RegisteredHook,
  RegisterHook,
  SaveQuery,
} from '../../../contract/connections.ts';
import {
  changeConnection,
  createConnection,
  getConnection,
  listConnections,
  removeConnection,
  testConnection,
  tryConnection,
} from '../../services/connections/connections.ts';
import { listHooks, registerHook, removeHook, rotateHook } from '../../services/connections/hooks.ts';
import { listKinds } from '../../services/connections/kinds.ts';
import { getRepository } from '../../services/connections/repositories.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { json, jsonBody, listOf, problems, security } from './shared.ts';

const tags = ['Connections'];
const ConnectionParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const RepositoryParams = ConnectionParam.extend({
  repository: z.string().openapi({ param: { name: 'repository', in: 'path' }, example: 'example-org/shop' }),
});
const HookParams = ConnectionParam.extend({
  hook: z.string().openapi({ param: { name: 'hook', in: 'path' } }),
});

export function connectionRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/connection-kinds',
      tags,
      security,
      summary: 'Where connections can lead, and the least that has to be granted for it',
      responses: { 200: json(listOf(ConnectionKind), 'All kinds'), ...problems() },
    }),
    (c) => c.json({ items: [...listKinds()], nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/connections',
      tags,
      security,
      summary: 'List connections, without their credentials',
      responses: { 200: json(listOf(Connection), 'All of the tenant’s'), ...problems() },
    }),
    async (c) => c.json({ items: await listConnections(c.get('service')), nextCursor: null }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections',
      tags,
      security,
      summary: 'Make a connection',
      description:
        'It is tested first; what does not work is refused, with what to grant. Nobody can read credentials again.',
      request: { query: SaveQuery, body: jsonBody(CreateConnection) },
      responses: {
        201: json(Connection, 'The connection'),
        ...problems('validation_failed', 'connection_refused', 'connection_name_taken', 'connections_limit'),
      },
    }),
    async (c) => {
      const { force } = c.req.valid('query');
      return c.json(await createConnection(c.get('service'), c.req.valid('json'), force), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections/test',
      tags,
      security,
      summary: 'Try a connection out; nothing is saved',
      request: { body: jsonBody(CreateConnection) },
      responses: { 200: json(ConnectionTest, 'How it went'), ...problems('validation_failed') },
    }),
    async (c) => c.json(await tryConnection(c.get('service'), c.req.valid('json')), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/connections/{id}',
      tags,
      security,
      summary: 'Get a connection, without its credentials',
      request: { params: ConnectionParam },
      responses: { 200: json(Connection, 'The connection'), ...problems('connection_not_found') },
    }),
    async (c) => c.json(await getConnection(c.get('service'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/connections/{id}',
      tags,
      security,
      summary: 'Change a connection',
      description:
        'What is left out stays, the credentials too; a new address asks for them again. Where it leads elsewhere, it is tested first.',
      request: { params: ConnectionParam, query: SaveQuery, body: jsonBody(ChangeConnection) },
      responses: {
        200: json(Connection, 'The connection as changed'),
        ...problems(
          'validation_failed',
          'connection_not_found',
          'connection_refused',
          'connection_name_taken',
          'connection_in_use',
          'version_conflict',
        ),
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { force } = c.req.valid('query');
      return c.json(await changeConnection(c.get('service'), id, c.req.valid('json'), force), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/connections/{id}',
      tags,
      security,
      summary: 'Delete a connection that no pipeline uses',
      request: { params: ConnectionParam },
      responses: {
        204: { description: 'Deleted' },
        ...problems('connection_not_found', 'connection_in_use'),
      },
    }),
    async (c) => {
      await removeConnection(c.get('service'), c.req.valid('param').id);
      return c.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections/{id}/test',
      tags,
      security,
      summary: 'Does a connection work?',
      request: { params: ConnectionParam },
      responses: { 200: json(ConnectionTest, 'How it went'), ...problems('connection_not_found') },
    }),
    async (c) => c.json(await testConnection(c.get('service'), c.req.valid('param').id), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/connections/{id}/repositories/{repository}',
      tags,
      security,
      summary: 'A repository as its host has it: its id and its default branch',
      description: 'The slash in its name is written as %2F.',
      request: { params: RepositoryParams },
      responses: {
        200: json(ConnectionRepository, 'The repository'),
        ...problems(...AT_THE_HOST, 'repository_not_found'),
      },
    }),
    async (c) => {
      const { id, repository } = c.req.valid('param');
      return c.json(await getRepository(c.get('service'), id, repository), 200);
    },
  );

  hookRoutes(app);
}

const AT_THE_HOST = [
  'connection_not_found',
  'connection_disabled',
  'connection_refused',
  'host_unavailable',
] as const;

function hookRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/connections/{id}/hooks',
      tags,
      security,
      summary: 'The hooks of a connection, and how they are doing at the host',
      request: { params: ConnectionParam },
      responses: { 200: json(listOf(ConnectionHook), 'All of them'), ...problems('connection_not_found') },
    }),
    async (c) => {
      const items = await listHooks(c.get('service'), c.req.valid('param').id, originOf(c));
      return c.json({ items, nextCursor: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections/{id}/hooks',
      tags,
      security,
      summary: 'Have a host tell of what happens in a repository',
      description:
        'A repository has one hook; asked again, the host is told again. `byHand`: for credentials that may not make hooks.',
      request: { params: ConnectionParam, body: jsonBody(RegisterHook) },
      responses: {
        200: json(RegisteredHook, 'The hook that was there already'),
        201: json(RegisteredHook, 'The hook'),
        ...problems('validation_failed', ...AT_THE_HOST, 'repository_not_found', 'hook_refused'),
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { hook, isNew } = await registerHook(c.get('service'), id, c.req.valid('json'), originOf(c));
      return c.json(hook, isNew ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/connections/{id}/hooks/{hook}/rotate',
      tags,
      security,
      summary: 'Give a hook a new secret',
      description: 'What is signed with the one before is taken for another 24 hours.',
      request: { params: HookParams },
      responses: {
        200: json(RegisteredHook, 'The hook; with its secret, if it was made by hand'),
        ...problems(...AT_THE_HOST, 'hook_not_found', 'hook_refused', 'version_conflict'),
      },
    }),
    async (c) => {
      const { id, hook } = c.req.valid('param');
      return c.json(await rotateHook(c.get('service'), id, hook, originOf(c)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/connections/{id}/hooks/{hook}',
      tags,
      security,
      summary: 'Delete a hook, at the host too',
      request: { params: HookParams },
      responses: {
        204: { description: 'Deleted' },
        ...problems('connection_not_found', 'hook_not_found', 'host_unavailable'),
      },
    }),
    async (c) => {
      const { id, hook } = c.req.valid('param');
      await removeHook(c.get('service'), id, hook);
      return c.body(null, 204);
    },
  );
}

function originOf(c: ApiContext): string {
  return new URL(c.req.url).origin;
}
