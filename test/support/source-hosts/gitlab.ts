import { type GitLabState, gitLabRoutes, PROJECT_ID } from '../git-host-double/gitlab.ts';
import { GitHostDouble } from '../git-host-double/server.ts';
import type { GitServer } from '../git-server.ts';
import { gitLabSenderAt } from '../senders/gitlab.ts';
import type { SourceHost } from './source-host.ts';

/** A project in a group within a group. */
const NAME = 'example-org/platform/shop';
const API = `/api/v4/projects/${NAME}`;

/** Of version 19: it signs with the token that it was given, and what it signs must be young. */
export function gitLabHost(git: GitServer): SourceHost {
  const state: GitLabState = {
    branches: {},
    tags: {},
    commits: [],
    files: {},
    comparisons: {},
    statuses: [],
    notes: [],
    hooks: [],
    mergeRequests: [],
    mergeRequestFiles: 1,
    signs: true,
    archive: (commit) => git.archive(NAME, commit, 'tar.gz', `shop-${commit}-${commit}`),
  };
  const double = new GitHostDouble(() => gitLabRoutes(state));
  return {
    kind: 'gitlab',
    double,
    repository: { name: NAME, id: String(PROJECT_ID) },
    get connection() {
      return { baseUrl: double.url, credentials: { kind: 'token', token: 'good' } };
    },
    get sender() {
      return gitLabSenderAt(Date.now());
    },
    push: (commit, branch) => {
      state.commits.push(commit);
      if (branch !== undefined) state.branches[branch] = commit;
    },
    hookIn: ({ method, path, body }) => {
      if (method !== 'POST' || path !== `${API}/hooks`) return undefined;
      const { url, signing_token: secret } = body as Record<'url' | 'signing_token', string>;
      return { url, secret };
    },
    statusIn: ({ method, path, body }) => {
      const [, commit] = /\/statuses\/(\w+)$/.exec(path) ?? [];
      if (method !== 'POST' || commit === undefined) return undefined;
      const { name, state: word, target_url: url } = body as Record<'name' | 'state' | 'target_url', string>;
      return { commit, context: name, state: word, url };
    },
  };
}
