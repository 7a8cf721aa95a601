import type { Answer, Received, Routes } from './server.ts';

export interface BitbucketState {
  /** Branches and tags, by name, and the commits that there are. */
  readonly branches: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly commits: string[];
  readonly files: Record<string, string>;
  /** `after..before`, with `topic` since where they parted, to the files that differ. */
  readonly comparisons: Record<string, string[] | undefined>;
  readonly statuses: Record<string, unknown>[];
  readonly comments: { id: number; deleted: boolean; content: { raw: string } }[];
  readonly hooks: Record<string, unknown>[];
  readonly pullRequests: object[];
  /** The tree at a commit, packed; absent: whoever asks gets a text in its place. */
  readonly archive?: (commit: string) => Promise<Uint8Array>;
  pullRequestFiles: number;
}

export const REPOSITORY_ID = '{5c8d2c8e-0c5e-4a57-9e6c-2e3f0b1d4a11}';
/** It sends no more at once, whatever it is asked for. */
const ITEMS_MAX = 100;
const none: Answer = { status: 404, body: { type: 'error', error: { message: 'Resource not found' } } };

export function bitbucketRoutes(state: BitbucketState): (url: () => string) => Routes {
  return (url) => {
    const at = '/2.0/repositories/example-org/shop';
    const commit = (hash: string): object => ({
      type: 'commit',
      hash,
      message: 'Fix it\n',
      date: '2026-11-25T11:00:00+00:00',
      author: { type: 'author', raw: 'Emma <emma@example.com>' },
      links: { html: { href: `https://bitbucket.org/example-org/shop/commits/${hash}` } },
    });
    const ref = (type: string, name: string, hash: string | undefined): Answer =>
      hash === undefined ? none : { body: { type, name, target: commit(hash) } };
    /** As it does it: the next page is a link, and keeps what was asked for. */
    const paged = (items: readonly unknown[], { query, path }: Received): Answer => {
      const size = Math.min(Number(query['pagelen'] ?? 10), ITEMS_MAX);
      const page = Number(query['page'] ?? 1);
      const next = new URL(encodeURI(path), url());
      for (const [name, value] of Object.entries({ ...query, page: page + 1 })) {
        next.searchParams.set(name, String(value));
      }
      const isLast = page * size >= items.length;
      const values = items.slice((page - 1) * size, page * size);
      return { body: { values, pagelen: size, page, ...(isLast ? {} : { next: next.href }) } };
    };
    const diff = (path: string): object => ({ type: 'diffstat', status: 'modified', old: { path }, new: { path } });
    const isKnown = ({ headers }: Received): boolean =>
      ['Bearer good', `Basic ${Buffer.from('emma@example.com:good').toString('base64')}`].includes(
        headers['authorization'] ?? '',
      );
    const hook = (uuid: string | undefined): Record<string, unknown> | undefined =>
      state.hooks.find((one) => one['uuid'] === uuid);
    const shown = ({ secret, ...rest }: Record<string, unknown>): object => ({
      ...rest,
      secret_set: secret !== undefined,
    });
    return {
      'GET /2.0/user': (request) =>
        request.headers['authorization']?.startsWith('Basic') === true && isKnown(request)
          ? { body: { type: 'user', display_name: 'Emma Example', nickname: 'emma', uuid: '{x}' } }
          : { status: 401, body: { type: 'error', error: { message: 'Token is invalid or not supported here.' } } },
      'GET /2.0/repositories': (request) =>
        isKnown(request)
          ? { body: { values: [] } }
          : { status: 401, body: { type: 'error', error: { message: 'Token is invalid.' } } },
      [`GET ${at}`]: () => ({
        body: {
          type: 'repository',
          uuid: REPOSITORY_ID,
          full_name: 'example-org/shop',
          is_private: true,
          mainbranch: { type: 'branch', name: 'main' },
          links: { html: { href: 'https://bitbucket.org/example-org/shop' } },
        },
      }),
      [`GET ${at}/refs/branches/*name`]: ({ params: { name = '' } }) => ref('branch', name, state.branches[name]),
      [`GET ${at}/refs/tags/*name`]: ({ params: { name = '' } }) => ref('tag', name, state.tags[name]),
      [`GET ${at}/commit/:id/statuses/build/:key`]: ({ params }) => {
        const found = state.statuses.find(({ key }) => key === params['key']);
        return found === undefined ? none : { body: found };
      },
      [`POST ${at}/commit/:id/statuses/build`]: ({ body }) => {
        const status = body as Record<string, unknown>;
        if (typeof status['url'] !== 'string' || String(status['key']).length > 40) {
          return { status: 400, body: { type: 'error', error: { message: 'Bad request' } } };
        }
        const there = state.statuses.findIndex(({ key }) => key === status['key']);
        if (there >= 0) state.statuses.splice(there, 1);
        state.statuses.push({ type: 'build', ...status });
        return { status: 201, body: { type: 'build', ...status } };
      },
      // The beginning of an id is enough, and so is the name of a branch.
      [`GET ${at}/commit/*id`]: ({ params: { id = '' } }) => {
        const found = state.commits.find((one) => one.startsWith(id)) ?? state.branches[id];
        return found === undefined ? none : { body: commit(found) };
      },
      [`GET ${at}/diffstat/*spec`]: (request) => {
        const { topic } = request.query;
        const paths = state.comparisons[`${request.params['spec'] ?? ''}${topic === 'true' ? ' topic' : ''}`];
        return paths === undefined ? none : paged(paths.map(diff), request);
      },
      [`GET ${at}/pullrequests/:id/diffstat`]: ({ params }) => ({
        status: 302,
        headers: { location: `${url()}/2.0/moved/${params['id'] ?? ''}?topic=true&pagelen=50` },
      }),
      'GET /2.0/moved/:id': (request) =>
        paged(
          Array.from({ length: state.pullRequestFiles }, (_, index) => ({
            type: 'diffstat',
            status: 'renamed',
            old: { path: `old/${index}.ts` },
            new: { path: `src/${index}.ts` },
          })),
          request,
        ),
      [`GET ${at}/pullrequests/:id/comments`]: (request) => paged(state.comments, request),
      [`POST ${at}/pullrequests/:id/comments`]: ({ body }) => {
        const { content } = body as { content: { raw: string } };
        const made = { id: state.comments.length + 1, deleted: false, content: { raw: content.raw.trimEnd() } };
        state.comments.push(made);
        return { status: 201, body: made };
      },
      [`PUT ${at}/pullrequests/:pull/comments/:id`]: ({ params, body }) => {
        const comment = state.comments.find(({ id }) => String(id) === params['id']);
        return comment === undefined ? none : { body: Object.assign(comment, body) };
      },
      [`GET ${at}/pullrequests`]: (request) => paged(state.pullRequests, request),
      [`GET ${at}/src/:commit/*path`]: ({ params: { path = '' }, query }) => {
        if (path === 'docs') return { body: { type: 'commit_directory', path } };
        const text = state.files[path];
        if (text === undefined) return none;
        return query['format'] === 'meta'
          ? { body: { type: 'commit_file', path, size: Buffer.byteLength(text) } }
          : { body: text };
      },
      'GET /example-org/shop/get/:commit.tar.gz': async (request) => {
        if (!isKnown(request)) return { status: 302, headers: { location: 'https://id.atlassian.com/login' } };
        const packed = await state.archive?.(request.params['commit'] ?? '');
        return { headers: { 'content-type': 'application/x-gzip' }, body: packed ?? 'a tar' };
      },
      [`GET ${at}/hooks`]: (request) => paged(state.hooks.map(shown), request),
      [`GET ${at}/hooks/:uuid`]: ({ params }) => {
        const found = hook(params['uuid']);
        return found === undefined ? none : { body: shown(found) };
      },
      [`POST ${at}/hooks`]: ({ body }) => {
        const made = { uuid: `{hook-${state.hooks.length + 1}}`, ...(body as object) };
        state.hooks.push(made);
        return { status: 201, body: shown(made) };
      },
      [`PUT ${at}/hooks/:uuid`]: ({ params, body }) => {
        const found = hook(params['uuid']);
        return found === undefined ? none : { body: shown(Object.assign(found, body)) };
      },
      [`DELETE ${at}/hooks/:uuid`]: ({ params }) => {
        const found = hook(params['uuid']);
        if (found === undefined) return none;
        state.hooks.splice(state.hooks.indexOf(found), 1);
        return { status: 204 };
      },
    };
  };
}
