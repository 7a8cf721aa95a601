import { pageOf } from './github.ts';
import type { Answer, Routes } from './server.ts';

export interface GitLabState {
  /** Branches and tags, by name, and the commits that there are. */
  readonly branches: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly commits: string[];
  readonly files: Record<string, string>;
  /** `from..to`, or `from...to` since where they parted, to the files that differ. */
  readonly comparisons: Record<string, string[] | undefined>;
  readonly statuses: { name: string; status: string; description?: string; target_url?: string }[];
  readonly notes: { id: number; body: string }[];
  readonly hooks: Record<string, unknown>[];
  readonly mergeRequests: object[];
  /** The tree at a commit, packed; absent: whoever asks gets a text in its place. */
  readonly archive?: (commit: string) => Promise<Uint8Array>;
  mergeRequestFiles: number;
  /** Since version 19 it signs. */
  signs: boolean;
}

export const PROJECT_ID = 15;
/** A project in a group within a group. */
const PATH = 'example-org/platform/shop';
const ENDED = ['success', 'failed', 'canceled'];

const none: Answer = { status: 404, body: { message: '404 Not found' } };

export function gitLabRoutes(state: GitLabState): Routes {
  const at = `/api/v4/projects/${PATH}`;
  const project = (id: number, path: string): object => ({
    id,
    name: 'Shop',
    path_with_namespace: path,
    default_branch: 'main',
    web_url: `https://gitlab.example.com/${path}`,
    visibility: 'private',
  });
  const commit = (id: string): object => ({
    id,
    short_id: id.slice(0, 8),
    title: 'Fix it',
    message: 'Fix it\n',
    author_name: 'Sidney',
    authored_date: '2026-11-25T12:00:00.000+01:00',
    committer_name: 'Sidney',
    committed_date: '2026-11-25T12:00:00.000+01:00',
    web_url: `https://gitlab.example.com/${PATH}/-/commit/${id}`,
  });
  const named = (name: string, id: string | undefined): Answer =>
    id === undefined ? none : { body: { name, commit: commit(id) } };
  const diff = (path: string): object => ({ old_path: path, new_path: path, renamed_file: false, diff: '@@' });
  const hook = (id: string | undefined): Record<string, unknown> | undefined =>
    state.hooks.find((one) => String(one['id']) === id);
  return {
    'GET /api/v4/user': ({ headers }) =>
      headers['authorization'] === 'Bearer good'
        ? { body: { id: 1, username: 'sidney', name: 'Sidney' } }
        : { status: 401, body: { message: '401 Unauthorized' } },
    'GET /api/v4/personal_access_tokens/self': () => ({
      body: { id: 4, name: 'millrace', active: true, scopes: ['read_api', 'read_repository'] },
    }),
    'GET /api/v4/projects/16': () => ({ body: project(16, 'mallory/shop') }),
    [`GET ${at}`]: () => ({ body: project(PROJECT_ID, PATH) }),
    [`GET ${at}/repository/branches/*name`]: ({ params: { name = '' } }) => named(name, state.branches[name]),
    [`GET ${at}/repository/tags/*name`]: ({ params: { name = '' } }) => named(name, state.tags[name]),
    [`GET ${at}/repository/commits/:sha/statuses`]: ({ query }) => ({
      body: state.statuses.filter(({ name }) => query['name'] === undefined || name === query['name']),
    }),
    [`GET ${at}/repository/commits/:sha`]: ({ params: { sha = '' } }) =>
      state.commits.includes(sha) ? { body: commit(sha) } : none,
    [`GET ${at}/repository/compare`]: ({ query: { from = '', to = '', straight } }) => {
      const paths = state.comparisons[`${from}${straight === 'true' ? '..' : '...'}${to}`];
      return paths === undefined ? none : { body: { commits: [], diffs: paths.map(diff), compare_timeout: false } };
    },
    [`GET ${at}/repository/archive.tar.gz`]: async ({ query: { sha = '' } }) => ({
      headers: { 'content-type': 'application/octet-stream' },
      body: (await state.archive?.(sha)) ?? 'a tar',
    }),
    [`GET ${at}/repository/files/*path`]: ({ params: { path = '' } }) => {
      const text = state.files[path];
      const content = Buffer.from(text ?? '').toString('base64');
      const size = Buffer.byteLength(text ?? '');
      return text === undefined ? none : { body: { file_path: path, size, encoding: 'base64', content } };
    },
    [`POST ${at}/statuses/:sha`]: ({ body }) => {
      const { state: status, ...rest } = body as { state: string; name: string };
      const there = state.statuses.findIndex(({ name }) => name === rest.name);
      const before = state.statuses[there]?.status;
      if (before === status && !ENDED.includes(status)) {
        const message = `Cannot transition status via :run from :${status} (Reason(s): Status cannot transition via "run")`;
        return { status: 400, body: { message } };
      }
      if (there >= 0) state.statuses.splice(there, 1);
      state.statuses.push({ ...rest, status });
      return { status: 201, body: { id: 93, ...rest, status } };
    },
    [`GET ${at}/merge_requests/:iid/diffs`]: (request) =>
      pageOf(
        Array.from({ length: state.mergeRequestFiles }, (_, index) => ({
          old_path: `old/${index}.ts`,
          new_path: `src/${index}.ts`,
          renamed_file: true,
        })),
        request,
      ),
    [`GET ${at}/merge_requests/:iid/notes`]: (request) => pageOf(state.notes, request),
    [`POST ${at}/merge_requests/:iid/notes`]: ({ body }) => {
      const note = { id: state.notes.length + 301, ...(body as { body: string }) };
      state.notes.push(note);
      return { status: 201, body: note };
    },
    [`PUT ${at}/merge_requests/:iid/notes/:id`]: ({ params, body }) => {
      const note = state.notes.find(({ id }) => String(id) === params['id']);
      return note === undefined ? none : { body: Object.assign(note, body) };
    },
    [`GET ${at}/merge_requests`]: (request) => pageOf(state.mergeRequests, request),
    [`GET ${at}/hooks`]: (request) => pageOf(state.hooks.map(shown), request),
    [`GET ${at}/hooks/:id`]: ({ params }) => {
      const found = hook(params['id']);
      return found === undefined ? none : { body: shown(found) };
    },
    [`POST ${at}/hooks`]: ({ body }) => {
      const id = Number(state.hooks.at(-1)?.['id'] ?? 0) + 1;
      const made = { id, alert_status: 'executable', ...understood(body as object) };
      state.hooks.push(made);
      return { status: 201, body: shown(made) };
    },
    [`PUT ${at}/hooks/:id`]: ({ params, body }) => {
      const found = hook(params['id']);
      return found === undefined ? none : { body: shown(Object.assign(found, understood(body as object))) };
    },
    [`DELETE ${at}/hooks/:id`]: ({ params }) => {
      const found = hook(params['id']);
      if (found === undefined) return none;
      state.hooks.splice(state.hooks.indexOf(found), 1);
      return { status: 204 };
    },
  };

  /** What it does not know it drops without a word. */
  function understood(body: object): Record<string, unknown> {
    const { signing_token: signingToken, ...rest } = body as Record<string, unknown>;
    return state.signs && signingToken !== undefined ? { ...rest, signing_token: signingToken } : rest;
  }

  /** No secret comes back; new versions say whether there is one. */
  function shown({ token, signing_token: signingToken, ...rest }: Record<string, unknown>): object {
    if (!state.signs) return rest;
    return { ...rest, token_present: token !== undefined, signing_token_present: signingToken !== undefined };
  }
}
