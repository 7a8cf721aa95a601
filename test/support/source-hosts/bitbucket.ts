import { type BitbucketState, bitbucketRoutes, REPOSITORY_ID } from '../git-host-double/bitbucket.ts';
import { GitHostDouble } from '../git-host-double/server.ts';
import type { GitServer } from '../git-server.ts';
import { bitbucketSender } from '../senders/bitbucket.ts';
import type { SourceHost } from './source-host.ts';

const NAME = 'example-org/shop';
const API = `/2.0/repositories/${NAME}`;

export function bitbucketHost(git: GitServer): SourceHost {
  const state: BitbucketState = {
    branches: {},
    tags: {},
    commits: [],
    files: {},
    comparisons: {},
    statuses: [],
    comments: [],
    hooks: [],
    pullRequests: [],
    pullRequestFiles: 1,
    archive: (commit) => git.archive(NAME, commit, 'tar.gz', `example-org-shop-${commit.slice(0, 12)}`),
  };
  const double = new GitHostDouble(bitbucketRoutes(state));
  return {
    kind: 'bitbucket',
    double,
    repository: { name: NAME, id: REPOSITORY_ID },
    get connection() {
      const credentials = { kind: 'token', token: 'good', user: 'emma@example.com' };
      return { baseUrl: double.url, apiUrl: `${double.url}/2.0`, credentials };
    },
    sender: bitbucketSender,
    push: (commit, branch) => {
      state.commits.push(commit);
      if (branch !== undefined) state.branches[branch] = commit;
    },
    hookIn: ({ method, path, body }) =>
      method === 'POST' && path === `${API}/hooks` ? (body as { url: string; secret: string }) : undefined,
    statusIn: ({ method, path, body }) => {
      const [, commit] = /\/commit\/(\w+)\/statuses\/build$/.exec(path) ?? [];
      if (method !== 'POST' || commit === undefined) return undefined;
      const { name, state: word, url } = body as Record<'name' | 'state' | 'url', string>;
      return { commit, context: name, state: word, url };
    },
  };
}
