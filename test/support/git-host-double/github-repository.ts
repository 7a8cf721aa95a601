import type { Answer, Routes } from './server.ts';

/** One repository of a GitHub: what `emulate` knows of it, for tests that need that and the rest at one address. */
export interface GitHubRepositoryState {
  readonly name: string;
  readonly id: number;
  readonly branches: Record<string, string>;
  readonly commits: string[];
  readonly hooks: { id: number; active: boolean; config: Record<string, string> }[];
  readonly comments: { id: number; body: string }[];
}

const AUTHOR = { name: 'Mona', email: 'mona@example.com', date: '2026-11-25T11:00:00Z' };
const none: Answer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
};

export function gitHubRepositoryRoutes(state: GitHubRepositoryState): Routes {
  const { name } = state;
  const at = `/repos/${name}`;
  const commitOf = (sha: string | undefined): Answer =>
    sha === undefined || !state.commits.includes(sha)
      ? none
      : {
          body: {
            sha,
            html_url: `https://github.com/${name}/commit/${sha}`,
            commit: { message: 'Fix it', author: AUTHOR, committer: AUTHOR },
          },
        };
  return {
    [`GET ${at}`]: () => ({
      body: {
        id: state.id,
        full_name: name,
        default_branch: 'main',
        html_url: `https://github.com/${name}`,
        private: true,
      },
    }),
    [`GET ${at}/commits/heads/*branch`]: ({ params: { branch = '' } }) => commitOf(state.branches[branch]),
    [`GET ${at}/commits/:sha`]: ({ params: { sha } }) => commitOf(sha),
    [`GET ${at}/hooks`]: () => ({ body: state.hooks.map(shown) }),
    [`GET ${at}/hooks/:id`]: ({ params }) => {
      const hook = state.hooks.find(({ id }) => String(id) === params['id']);
      return hook === undefined ? none : { body: shown(hook) };
    },
    [`POST ${at}/hooks`]: ({ body }) => {
      const hook = { id: state.hooks.length + 1, ...(body as { active: boolean; config: Record<string, string> }) };
      state.hooks.push(hook);
      return { status: 201, body: shown(hook) };
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
  };
}

/** Secrets come back as stars. */
function shown({ config, ...hook }: GitHubRepositoryState['hooks'][number]): object {
  return { ...hook, config: { ...config, secret: '********' } };
}
