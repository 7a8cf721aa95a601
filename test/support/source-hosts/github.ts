import { gitHubRoutes } from '../git-host-double/github.ts';
import { type GitHubRepositoryState, gitHubRepositoryRoutes } from '../git-host-double/github-repository.ts';
import { GitHostDouble } from '../git-host-double/server.ts';
import type { GitServer } from '../git-server.ts';
import { gitHubSender } from '../senders/github.ts';
import type { SourceHost } from './source-host.ts';

const NAME = 'Example-Org/Shop';

/** The repository itself is git's own, for who clones it. */
export function gitHubHost(git: GitServer): SourceHost & { readonly state: GitHubRepositoryState } {
  const state: GitHubRepositoryState = { name: NAME, id: 4711, branches: {}, commits: [], hooks: [], comments: [] };
  const others = {
    statuses: [],
    deliveries: [],
    redelivered: [],
    pullRequestFiles: 1,
    archive: (commit: string) => git.archive(NAME, commit, 'zip', `Example-Org-Shop-${commit.slice(0, 7)}`),
  };
  const routes = gitHubRoutes(others);
  const double = new GitHostDouble(
    (url) => ({ ...routes(url), ...gitHubRepositoryRoutes(state) }),
    (request, response) => {
      if (request.url?.startsWith(`/${NAME}.git/`) !== true) return false;
      git.answer(request, response);
      return true;
    },
  );
  return {
    kind: 'github',
    state,
    double,
    repository: { name: NAME, id: '4711' },
    get connection() {
      return { baseUrl: double.url, apiUrl: double.url, credentials: { kind: 'token', token: 'good' } };
    },
    sender: gitHubSender,
    push: (commit, branch) => {
      state.commits.push(commit);
      if (branch !== undefined) state.branches[branch] = commit;
    },
    hookIn: ({ method, path, body }) =>
      method === 'POST' && path === `/repos/${NAME}/hooks`
        ? (body as { config: { url: string; secret: string } }).config
        : undefined,
    statusIn: ({ method, path, body }) => {
      const [, commit] = /\/statuses\/(\w+)$/.exec(path) ?? [];
      if (method !== 'POST' || commit === undefined) return undefined;
      const {
        context,
        state: word,
        target_url: at,
      } = body as { context: string; state: string; target_url?: string };
      return { commit, context, state: word, url: at };
    },
  };
}
