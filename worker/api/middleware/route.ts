import { routePath } from 'hono/route';
import type { ApiContext } from '../context.ts';

const BASE = '/api/v1';

/** `METHOD /path/{parameter}`, as the table of permissions has it. Undefined: no route matches. */
export function routeOf(c: ApiContext): string | undefined {
  const path = routePath(c, -1);
  if (!path.startsWith(`${BASE}/`) || path.includes('*')) return undefined;
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  return `${method} ${path.slice(BASE.length).replace(/:([A-Za-z]+)(\{[^}]*\})?/g, '{$1}')}`;
}

/** What stands in the address for each part of the route, in the same order. */
export function placesOf(c: ApiContext, route: string): readonly (readonly [name: string, value: string])[] {
  const names = (route.split(' ')[1] ?? '').split('/');
  const values = c.req.path.slice(BASE.length).split('/');
  return names.map((name, index) => [name, decoded(values[index] ?? '')]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
