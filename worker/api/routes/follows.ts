import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { Follow, FollowRepository } from '../../../contract/follows.ts';
import { followRepository, getFollow, unfollow } from '../../services/follows/follow.ts';
import type { ApiEnv } from '../context.ts';
import { json, jsonBody, NameParam, problems, security } from './shared.ts';

const tags = ['Pipelines'];
const path = '/pipelines/{name}/follow';

export function followRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path,
      tags,
      security,
      summary: 'Which file in which repository the definition of a pipeline follows',
      request: { params: NameParam },
      responses: { 200: json(Follow, 'The file'), ...problems('pipeline_not_found', 'follow_not_found') },
    }),
    async (c) => c.json(await getFollow(c.get('service'), c.req.valid('param').name), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path,
      tags,
      security,
      summary: 'Let the definition of a pipeline follow a file in a repository',
      description:
        'Each push to the branch that changes the file makes a new version, before it starts anything. What is no definition ' +
        'changes nothing, and the commit is told why. Whoever may push to the branch changes the pipeline.',
      request: { params: NameParam, body: jsonBody(FollowRepository) },
      responses: {
        200: json(Follow, 'It follows'),
        ...problems(
          'validation_failed',
          'definition_invalid',
          'follow_refused',
          'connection_not_found',
          'connection_refused',
          'connection_disabled',
          'host_unavailable',
          'quota_exceeded',
        ),
      },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      return c.json(await followRepository(c.get('service'), name, c.req.valid('json')), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path,
      tags,
      security,
      summary: 'Save the definition of a pipeline by hand from now on',
      request: { params: NameParam },
      responses: {
        204: { description: 'It follows nothing' },
        ...problems('pipeline_not_found', 'follow_not_found'),
      },
    }),
    async (c) => {
      await unfollow(c.get('service'), c.req.valid('param').name);
      return c.body(null, 204);
    },
  );
}
