import { type BitbucketDcState, bitbucketDcRoutes } from '../git-host-double/bitbucket-dc.ts';
import { GitHostDouble } from '../git-host-double/server.ts';
import type { GitServer } from '../git-server.ts';
import { bitbucketDcSender } from '../senders/bitbucket-dc.ts';
import type { SourceHost } from './source-host.ts';

const NAME = 'SHOP/web';
const API = '/rest/api/latest/projects/SHOP/repos/web';

export function bitbucketDcHost(git: GitServer): SourceHost {
  const state: BitbucketDcState = {
    refs: {},
    commits: [],
    files: {},
    comparisons: {},
    statuses: [],
    comments: [],
    hooks: [],
    pullRequests: [],
    pullRequestFiles: 1,
    latest: undefined,
  };
  const double = new GitHostDouble(() => ({
    ...bitbucketDcRoutes(state),
    // No folder around it.
    [`GET ${API}/archive`]: async ({ query: { at = '' } }) => ({
      headers: { 'content-type': 'application/octet-stream' },
      body: await git.archive(NAME, at, 'tar.gz'),
    }),
  }));
  return {
    kind: 'bitbucket-dc',
    double,
    repository: { name: NAME, id: '84' },
    get connection() {
      return { baseUrl: double.url, credentials: { kind: 'token', token: 'good' } };
    },
    sender: bitbucketDcSender,
    push: (commit, branch) => {
      state.commits.push(commit);
      if (branch !== undefined) state.refs[`refs/heads/${branch}`] = commit;
    },
    hookIn: ({ method, path, body }) => {
      if (method !== 'POST' || path !== `${API}/webhooks`) return undefined;
      const { url, configuration } = body as { url: string; configuration: { secret: string } };
      return { url, secret: configuration.secret };
    },
    statusIn: ({ method, path, body }) => {
      const [, commit] = /\/commits\/(\w+)\/builds$/.exec(path) ?? [];
      if (method !== 'POST' || commit === undefined) return undefined;
      const { key, state: word, url } = body as Record<'key' | 'state' | 'url', string>;
      return { commit, context: key, state: word, url };
    },
  };
}
