import { type AzureDevOpsState, azureDevOpsRoutes, REPOSITORY_ID } from '../git-host-double/azure-devops.ts';
import { GitHostDouble } from '../git-host-double/server.ts';
import type { GitServer } from '../git-server.ts';
import { azureDevOpsSender } from '../senders/azure-devops.ts';
import type { SourceHost } from './source-host.ts';

const NAME = 'Example/shop';

export function azureDevOpsHost(git: GitServer): SourceHost {
  const state: AzureDevOpsState = {
    refs: {},
    commits: [],
    files: {},
    diffs: {},
    statuses: [],
    threads: [],
    subscriptions: [],
    iterationChanges: 1,
    visibility: 'private',
    // No folder around it.
    archive: (commit) => git.archive(NAME, commit, 'zip'),
  };
  const double = new GitHostDouble(() => azureDevOpsRoutes(state));
  return {
    kind: 'azure-devops',
    double,
    repository: { name: NAME, id: REPOSITORY_ID },
    get connection() {
      return { baseUrl: double.url, credentials: { kind: 'token', token: 'good' } };
    },
    sender: azureDevOpsSender,
    push: (commit, branch) => {
      state.commits.push(commit);
      if (branch !== undefined) state.refs[`refs/heads/${branch}`] = { objectId: commit };
    },
    hookIn: ({ method, path, body }) => {
      if (method !== 'POST' || path !== '/_apis/hooks/subscriptions') return undefined;
      const { url, basicAuthPassword } = (body as { consumerInputs: Record<'url' | 'basicAuthPassword', string> })
        .consumerInputs;
      return { url, secret: basicAuthPassword };
    },
    statusIn: ({ method, path, body }) => {
      const [, commit] = /\/commits\/(\w+)\/statuses$/.exec(path) ?? [];
      if (method !== 'POST' || commit === undefined) return undefined;
      const status = body as { state: string; targetUrl?: string; context: { genre: string; name: string } };
      const { genre, name } = status.context;
      return { commit, context: `${genre}/${name}`, state: status.state, url: status.targetUrl };
    },
  };
}
