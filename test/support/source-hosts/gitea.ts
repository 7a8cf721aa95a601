import { type GiteaState, giteaRoutes } from '../git-host-double/gitea.ts';
import { GitHostDouble } from '../git-host-double/server.ts';
import type { GitServer } from '../git-server.ts';
import { giteaSender } from '../senders/gitea.ts';
import type { SourceHost } from './source-host.ts';

const NAME = 'example-org/shop';
const API = `/api/v1/repos/${NAME}`;

export function giteaHost(git: GitServer): SourceHost {
  const state: GiteaState = {
    branches: {},
    tags: {},
    commits: [],
    files: {},
    comparisons: {},
    statuses: [],
    comments: [],
    hooks: [],
    pullRequestFiles: 1,
    archive: (commit) => git.archive(NAME, commit, 'zip', 'shop'),
  };
  const double = new GitHostDouble(() => giteaRoutes(state));
  return {
    kind: 'gitea',
    double,
    repository: { name: NAME, id: '12' },
    get connection() {
      return { baseUrl: double.url, credentials: { kind: 'token', token: 'good' } };
    },
    sender: giteaSender,
    push: (commit, branch) => {
      state.commits.push(commit);
      if (branch !== undefined) state.branches[branch] = commit;
    },
    hookIn: ({ method, path, body }) =>
      method === 'POST' && path === `${API}/hooks`
        ? (body as { config: { url: string; secret: string } }).config
        : undefined,
    statusIn: ({ method, path, body }) => {
      const [, commit] = /\/statuses\/(\w+)$/.exec(path) ?? [];
      if (method !== 'POST' || commit === undefined) return undefined;
      const { context, state: word, target_url: url } = body as Record<'context' | 'state' | 'target_url', string>;
      return { commit, context, state: word, url };
    },
  };
}
