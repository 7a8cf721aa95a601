import type { Answer, Received, Routes } from './server.ts';

export interface BitbucketDcState {
  /** Branches and tags, by their full names, and the commits that there are. */
  readonly refs: Record<string, string>;
  readonly commits: string[];
  readonly files: Record<string, string>;
  /** `since..until`, or `to...from` since where they parted, to the files that differ. */
  readonly comparisons: Record<string, string[] | undefined>;
  readonly statuses: Record<string, unknown>[];
  readonly comments: { id: number; version: number; text: string }[];
  readonly hooks: Record<string, unknown>[];
  readonly pullRequests: object[];
  pullRequestFiles: number;
  /** What became of the newest delivery. Absent: there was none. */
  latest: object | undefined;
}

/** It tells of no more changes than so many, and of the rest never. */
const CHANGES_MAX = 1_000;
const none: Answer = {
  status: 404,
  body: { errors: [{ context: null, message: 'It does not exist.', exceptionName: 'NoSuchObjectException' }] },
};

export function bitbucketDcRoutes(state: BitbucketDcState): Routes {
  const at = '/rest/api/latest/projects/SHOP/repos/web';
  const commit = (id: string): object => ({
    id,
    displayId: id.slice(0, 11),
    author: { name: 'Charlie', emailAddress: 'charlie@example.com' },
    authorTimestamp: Date.parse('2026-11-25T11:00:00Z'),
    committer: { name: 'Charlie', emailAddress: 'charlie@example.com' },
    committerTimestamp: Date.parse('2026-11-25T11:00:00Z'),
    message: 'Fix it',
    parents: [],
  });
  const paged = (items: readonly unknown[], { query }: Received): Answer => {
    const start = Number(query['start'] ?? 0);
    const limit = Number(query['limit'] ?? 25);
    const isLastPage = start + limit >= items.length;
    const values = items.slice(start, start + limit);
    return {
      body: {
        size: values.length,
        limit,
        start,
        isLastPage,
        values,
        ...(isLastPage ? {} : { nextPageStart: start + limit }),
      },
    };
  };
  const path = (text: string): object => ({
    components: text.split('/'),
    name: text.split('/').at(-1),
    toString: text,
  });
  const changes = (paths: readonly string[] | undefined, request: Received): Answer =>
    paths === undefined
      ? none
      : paged(
          paths.slice(0, CHANGES_MAX).map((text) => ({ path: path(text), type: 'MODIFY', nodeType: 'FILE' })),
          request,
        );
  const hook = (id: string | undefined): Record<string, unknown> | undefined =>
    state.hooks.find((one) => String(one['id']) === id);
  /** The secret does not come back. */
  const shown = ({ configuration: _, ...rest }: Record<string, unknown>): object => ({ ...rest, configuration: {} });
  return {
    'GET /plugins/servlet/applinks/whoami': ({ headers }) => {
      if (headers['authorization'] === 'Bearer good') return { body: 'charlie\n' };
      return headers['authorization'] === 'Bearer nobody'
        ? { body: '' }
        : { status: 401, body: { errors: [{ context: null, message: 'Authentication failed.' }] } };
    },
    [`GET ${at}`]: () => ({
      body: {
        slug: 'web',
        id: 84,
        name: 'web',
        public: false,
        project: { key: 'SHOP', id: 1, name: 'Shop', public: false },
        links: { self: [{ href: 'https://bitbucket.example.com/projects/SHOP/repos/web/browse' }] },
      },
    }),
    [`GET ${at}/default-branch`]: () => ({
      body: { id: 'refs/heads/main', displayId: 'main', type: 'BRANCH', isDefault: true },
    }),
    [`GET ${at}/commits`]: (request) => {
      const found = state.refs[request.query['until'] ?? ''];
      return found === undefined ? none : paged([commit(found), commit('9'.repeat(40))], request);
    },
    [`GET ${at}/commits/:id/builds`]: ({ query }) => {
      const found = state.statuses.find(({ key }) => key === query['key']);
      return found === undefined ? none : { body: found };
    },
    [`POST ${at}/commits/:id/builds`]: ({ params, body }) => {
      const status = body as Record<string, unknown>;
      if (!state.commits.includes(params['id'] ?? '')) return none;
      if (typeof status['url'] !== 'string') {
        return { status: 400, body: { errors: [{ message: 'url is required' }] } };
      }
      const there = state.statuses.findIndex(({ key }) => key === status['key']);
      if (there >= 0) state.statuses.splice(there, 1);
      state.statuses.push(status);
      return { status: 204 };
    },
    [`GET ${at}/commits/:id`]: ({ params: { id = '' } }) =>
      state.commits.includes(id) ? { body: commit(id) } : none,
    [`GET ${at}/changes`]: (request) =>
      changes(state.comparisons[`${request.query['since'] ?? ''}..${request.query['until'] ?? ''}`], request),
    [`GET ${at}/compare/changes`]: (request) =>
      changes(state.comparisons[`${request.query['to'] ?? ''}...${request.query['from'] ?? ''}`], request),
    [`GET ${at}/pull-requests/:id/changes`]: (request) =>
      paged(
        Array.from({ length: Math.min(state.pullRequestFiles, CHANGES_MAX) }, (_, index) => ({
          path: path(`src/${index}.ts`),
          srcPath: path(`old/${index}.ts`),
          type: 'MOVE',
        })),
        request,
      ),
    [`GET ${at}/browse/*path`]: ({ params: { path: name = '' } }) => {
      if (name === 'docs') return { body: { type: 'DIRECTORY' } };
      return state.files[name] === undefined ? none : { body: { type: 'FILE' } };
    },
    [`GET ${at}/raw/*path`]: ({ params: { path: name = '' } }) => ({ body: state.files[name] }),
    [`GET ${at}/archive`]: () => ({ headers: { 'content-type': 'application/octet-stream' }, body: 'a tar' }),
    [`GET ${at}/pull-requests/:id/activities`]: (request) =>
      paged(
        [
          { id: 900, action: 'OPENED' },
          ...state.comments.map((comment) => ({ id: comment.id, action: 'COMMENTED', comment })),
        ],
        request,
      ),
    [`POST ${at}/pull-requests/:id/comments`]: ({ body }) => {
      const { text } = body as { text: string };
      const made = { id: state.comments.length + 1, version: 0, text: text.trimEnd() };
      state.comments.push(made);
      return { status: 201, body: made };
    },
    [`PUT ${at}/pull-requests/:pull/comments/:id`]: ({ params, body }) => {
      const comment = state.comments.find(({ id }) => String(id) === params['id']);
      const { text, version } = body as { text: string; version: number };
      if (comment === undefined) return none;
      // As it refuses a change of what somebody else has changed meanwhile.
      if (version !== comment.version) return { status: 409, body: { errors: [{ message: 'out of date' }] } };
      return { body: Object.assign(comment, { text, version: version + 1 }) };
    },
    [`GET ${at}/pull-requests`]: (request) => paged(state.pullRequests, request),
    [`GET ${at}/webhooks`]: (request) => paged(state.hooks.map(shown), request),
    [`GET ${at}/webhooks/:id/latest`]: () => (state.latest === undefined ? { status: 204 } : { body: state.latest }),
    [`GET ${at}/webhooks/:id`]: ({ params }) => {
      const found = hook(params['id']);
      return found === undefined ? none : { body: shown(found) };
    },
    [`POST ${at}/webhooks`]: ({ body }) => {
      const made = { id: Number(state.hooks.at(-1)?.['id'] ?? 9) + 1, ...(body as object) };
      state.hooks.push(made);
      return { status: 201, body: shown(made) };
    },
    [`PUT ${at}/webhooks/:id`]: ({ params, body }) => {
      const found = hook(params['id']);
      return found === undefined ? none : { body: shown(Object.assign(found, body)) };
    },
    [`DELETE ${at}/webhooks/:id`]: ({ params }) => {
      const found = hook(params['id']);
      if (found === undefined) return none;
      state.hooks.splice(state.hooks.indexOf(found), 1);
      return { status: 204 };
    },
  };
}
