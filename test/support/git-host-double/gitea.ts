import { pageOf } from './github.ts';
import type { Routes } from './server.ts';

export interface GiteaState {
  /** Branches and tags, by name, and the commits that there are. */
  readonly branches: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly commits: string[];
  readonly files: Record<string, string>;
  /** `base...head` to the files of each commit between them. */
  readonly comparisons: Record<string, { total: number; commits: (readonly string[] | undefined)[] }>;
  readonly statuses: { context: string; status: string; description: string; target_url?: string }[];
  readonly comments: { id: number; body: string }[];
  readonly hooks: { id: number; active: boolean; config: Record<string, string>; events: string[]; type: string }[];
  /** The tree at a commit, packed; absent: whoever asks gets a text in its place. */
  readonly archive?: (commit: string) => Promise<Uint8Array>;
  pullRequestFiles: number;
}

const REPOSITORY = {
  id: 12,
  name: 'shop',
  full_name: 'example-org/shop',
  default_branch: 'main',
  html_url: 'https://git.example.com/example-org/shop',
  private: true,
};
const AUTHOR = { name: 'Gordon', email: 'gordon@example.com', date: '2026-11-25T11:00:00Z' };

/** A Gitea with one repository. Its server sends no more than so many items at once, whatever it is asked for. */
export const ITEMS_MAX = 30;

export function giteaRoutes(state: GiteaState): Routes {
  const at = '/api/v1/repos/example-org/shop';
  const commit = (sha: string): object => ({
    sha,
    html_url: `${REPOSITORY.html_url}/commit/${sha}`,
    commit: { message: 'Fix it\n', author: AUTHOR, committer: AUTHOR },
  });
  const none = { status: 404, body: { message: 'The target couldn’t be found.' } };
  return {
    'GET /api/v1/user': ({ headers }) =>
      /^(token|Bearer) good$/.test(headers['authorization'] ?? '')
        ? { body: { id: 1, login: 'gordon', full_name: '' } }
        : { status: 401, body: { message: 'user does not exist [uid: 0, name: ]' } },
    [`GET ${at}`]: () => ({ body: REPOSITORY }),
    [`GET ${at}/branches/*branch`]: ({ params }) => {
      const id = state.branches[params['branch'] ?? ''];
      const payload = { id, message: 'Fix it\n', timestamp: AUTHOR.date, author: AUTHOR };
      return id === undefined ? none : { body: { name: params['branch'], commit: payload } };
    },
    [`GET ${at}/tags/*tag`]: ({ params }) => {
      const sha = state.tags[params['tag'] ?? ''];
      return sha === undefined ? none : { body: { name: params['tag'], id: 'f'.repeat(40), commit: { sha } } };
    },
    [`GET ${at}/git/commits/:sha`]: ({ params: { sha = '' } }) =>
      state.commits.includes(sha) ? { body: commit(sha) } : none,
    [`GET ${at}/compare/*range`]: ({ params }) => {
      const found = state.comparisons[params['range'] ?? ''];
      if (found === undefined) return none;
      const commits = found.commits.map((files) => ({
        sha: 'e'.repeat(40),
        ...(files === undefined ? {} : { files: files.map((filename) => ({ filename, status: 'modified' })) }),
      }));
      return { body: { total_commits: found.total, commits } };
    },
    [`GET ${at}/pulls/:number/files`]: (request) =>
      pageOf(
        Array.from({ length: state.pullRequestFiles }, (_, index) => ({ filename: `src/${index}.ts` })),
        { ...request, query: { ...request.query, limit: String(ITEMS_MAX) } },
        'limit',
      ),
    [`GET ${at}/contents/*path`]: ({ params: { path = '' } }) => {
      const text = state.files[path];
      const content = Buffer.from(text ?? '').toString('base64');
      const size = Buffer.byteLength(text ?? '');
      return text === undefined ? none : { body: { type: 'file', encoding: 'base64', content, size, path } };
    },
    [`GET ${at}/archive/:commit.zip`]: async ({ params: { commit = '' } }) => ({
      headers: { 'content-type': 'application/zip' },
      body: (await state.archive?.(commit)) ?? 'a zip',
    }),
    [`GET ${at}/commits/:sha/status`]: () => ({ body: { state: 'pending', statuses: state.statuses } }),
    [`POST ${at}/statuses/:sha`]: ({ body }) => {
      const { state: status, ...rest } = body as { state: string; context: string; description: string };
      const there = state.statuses.findIndex(({ context }) => context === rest.context);
      if (there >= 0) state.statuses.splice(there, 1);
      state.statuses.push({ ...rest, status });
      return { status: 201, body: { id: 1, ...rest, status } };
    },
    [`GET ${at}/issues/:number/comments`]: () => ({ body: state.comments }),
    [`POST ${at}/issues/:number/comments`]: ({ body }) => {
      const comment = { id: state.comments.length + 1, ...(body as { body: string }) };
      state.comments.push(comment);
      return { status: 201, body: comment };
    },
    [`PATCH ${at}/issues/comments/:id`]: ({ params, body }) => {
      const comment = state.comments.find(({ id }) => String(id) === params['id']);
      return comment === undefined ? none : { body: Object.assign(comment, body) };
    },
    [`GET ${at}/hooks`]: (request) => pageOf(state.hooks, request, 'limit'),
    [`GET ${at}/hooks/:id`]: ({ params }) => {
      const hook = state.hooks.find(({ id }) => String(id) === params['id']);
      return hook === undefined ? none : { body: hook };
    },
    [`POST ${at}/hooks`]: ({ body }) => {
      const hook = { id: (state.hooks.at(-1)?.id ?? 0) + 1, ...(body as Omit<GiteaState['hooks'][number], 'id'>) };
      state.hooks.push(hook);
      return { status: 201, body: hook };
    },
    [`PATCH ${at}/hooks/:id`]: ({ params, body }) => {
      const hook = state.hooks.find(({ id }) => String(id) === params['id']);
      return hook === undefined ? none : { body: Object.assign(hook, body) };
    },
    [`DELETE ${at}/hooks/:id`]: ({ params }) => {
      const index = state.hooks.findIndex(({ id }) => String(id) === params['id']);
      if (index < 0) return none;
      state.hooks.splice(index, 1);
      return { status: 204 };
    },
  };
}
