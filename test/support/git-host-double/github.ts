import type { Answer, Received, Routes } from './server.ts';

export const SHA = 'c'.repeat(40);

interface Status {
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly target_url: string;
}

interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly delivered_at: string;
  readonly status_code: number;
}

/** What `emulate` does not know of GitHub: statuses, archives, files of pull requests, and deliveries. */
export interface GitHubState {
  readonly statuses: Status[];
  readonly deliveries: Delivery[];
  readonly redelivered: number[];
  /** The tree at a commit, packed; absent: whoever asks gets a text in its place. */
  readonly archive?: (commit: string) => Promise<Uint8Array>;
  pullRequestFiles: number;
}

const PAGE_OF_DELIVERIES = 2;

export function gitHubRoutes(state: GitHubState): (url: () => string) => Routes {
  return (url) => ({
    'GET /user': ({ headers }) =>
      headers['authorization'] === 'Bearer good'
        ? { body: { login: 'octocat', id: 1 }, headers: { 'x-oauth-scopes': 'repo, read:user' } }
        : { status: 401, body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' } },
    'GET /repos/:owner/:repo/commits/:sha/status': () => ({
      // Newest first, one a context, as GitHub combines them.
      body: {
        state: 'pending',
        sha: SHA,
        statuses: latest(state.statuses),
        total_count: latest(state.statuses).length,
      },
    }),
    'POST /repos/:owner/:repo/statuses/:sha': ({ body }) => {
      state.statuses.unshift(body as Status);
      return { status: 201, body: { id: state.statuses.length, ...(body as Status) } };
    },
    'GET /repos/:owner/:repo/zipball/*ref': ({ params: { ref = '' } }) => ({
      status: 302,
      // As codeload: another origin, and the way in is part of the address.
      headers: { location: `${url().replace('127.0.0.1', 'localhost')}/codeload/${ref}?token=short-lived` },
    }),
    'GET /codeload/*ref': async ({ params: { ref = '' } }) => ({
      headers: { 'content-type': 'application/zip' },
      body: (await state.archive?.(ref)) ?? 'a zip',
    }),
    'GET /repos/:owner/:repo/pulls/:number/files': (request) =>
      pageOf(
        Array.from({ length: state.pullRequestFiles }, (_, index) => ({
          filename: `src/${index}.ts`,
          status: 'renamed',
          previous_filename: `old/${index}.ts`,
        })),
        request,
      ),
    'GET /repos/:owner/:repo/hooks/:hook/deliveries': ({ query, path }) => {
      const from = Number(query['cursor'] ?? 0);
      const next = from + PAGE_OF_DELIVERIES;
      const headers = { link: `<${url()}${path}?per_page=100&cursor=${next}>; rel="next"` };
      return {
        body: state.deliveries.slice(from, next),
        headers: next < state.deliveries.length ? headers : {},
      };
    },
    'POST /repos/:owner/:repo/hooks/:hook/deliveries/:id/attempts': ({ params }) => {
      state.redelivered.push(Number(params['id']));
      return { status: 202, body: {} };
    },
  });
}

function latest(statuses: readonly Status[]): readonly Status[] {
  return statuses.filter(({ context }, index) => statuses.findIndex((one) => one.context === context) === index);
}

export function pageOf(items: readonly unknown[], { query }: Received, sizeName = 'per_page'): Answer {
  const size = Number(query[sizeName] ?? 30);
  const page = Number(query['page'] ?? 1);
  const isLast = page * size >= items.length;
  return {
    body: items.slice((page - 1) * size, page * size),
    headers: isLast ? {} : { link: `<https://api.github.com/x?page=${page + 1}>; rel="next"` },
  };
}
