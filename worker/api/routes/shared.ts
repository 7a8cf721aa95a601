import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { Problem, type ProblemCode } from '../../../contract/problem.ts';
import type { ApiEnv } from '../context.ts';
import { problemStatus } from '../problem.ts';

export const PageQuery = z.object({
  cursor: z.string().max(500).optional().openapi({ description: '`nextCursor` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(100).default(30),
});

export const NameParam = z.object({
  name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'web-shop' }),
});

export const ExecutionParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

export const StageParams = ExecutionParam.extend({
  stage: z.string().openapi({ param: { name: 'stage', in: 'path' } }),
});

export const PipelineStageParams = NameParam.extend({
  stage: z.string().openapi({ param: { name: 'stage', in: 'path' } }),
});

export const ActionParams = ExecutionParam.extend({
  stage: z.string().openapi({ param: { name: 'stage', in: 'path' } }),
  action: z.string().openapi({ param: { name: 'action', in: 'path' } }),
});

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** The problems that a route may answer with, beside those that every route may. */
export function problems(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of ['unauthenticated', 'forbidden', ...codes] as const) {
    const status = problemStatus(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      { description: of.join(', '), content: { 'application/problem+json': { schema: Problem } } },
    ]),
  );
}

/**
 * Puts a body into the document that the handler reads by itself: definitions have their own errors, uploads are streamed.
 * The route is made with `hide: true`, so that it is not described twice.
 */
export function describeBody(
  app: OpenAPIHono<ApiEnv>,
  route: RouteConfig,
  content: Record<string, { schema: z.ZodType }>,
): void {
  app.openAPIRegistry.registerPath({ ...route, request: { ...route.request, body: { required: true, content } } });
}

/** Every route but the few public ones wants one of these. */
export const security = [{ token: [] }, { session: [] }];

/** The route types know answers by their JSON alone; a stream or an upgraded socket has none, and passes as any of them. */
export function raw(response: Response): never {
  return response as never;
}
