import type { Answer, Routes } from './server.ts';

export interface AzureDevOpsState {
  /** Full names, like `refs/heads/main`. */
  readonly refs: Record<string, { objectId: string; peeledObjectId?: string }>;
  readonly commits: string[];
  readonly files: Record<string, string>;
  /** `base target` to the items that differ. */
  readonly diffs: Record<string, object[]>;
  readonly statuses: { readonly context: { readonly name: string } }[];
  readonly threads: { id: number; comments: { id: number; content: string }[]; status: string }[];
  readonly subscriptions: { id: string; status: string; consumerInputs: Record<string, string> }[];
  /** The tree at a commit, packed; absent: whoever asks gets a text in its place. */
  readonly archive?: (commit: string) => Promise<Uint8Array>;
  iterationChanges: number;
  visibility: string;
}

export const REPOSITORY_ID = '278d5cd2-584d-4b63-824a-2ba458937249';
export const PROJECT_ID = '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c';

const AUTHOR = { name: 'Jamal', email: 'jamal@example.com', date: '2026-11-25T11:00:00Z' };

/** Where Microsoft's own client is told to find what. */
const LOCATIONS: Readonly<Record<string, readonly [resource: string, template: string]>> = {
  '225f7195-f9c7-4d14-ab28-a83f7ff77e1f': ['repositories', '{resource}/{repositoryId}'],
  'c2570c3b-5b3f-41b8-98bf-5407bfde8d58': ['commits', 'repositories/{repositoryId}/{resource}/{commitId}'],
  '2d874a60-a811-4f62-9c9f-963a6ea0a55b': ['refs', 'repositories/{repositoryId}/{resource}'],
  '615588d5-c0c7-4b88-88f8-e625306446e8': ['commits', 'repositories/{repositoryId}/diffs/{resource}'],
  'fb93c0db-47ed-4a31-8c20-47552878fb44': ['items', 'repositories/{repositoryId}/{resource}'],
  '428dd4fb-fda5-4722-af02-9313b80305da': ['statuses', 'repositories/{repositoryId}/commits/{commitId}/{resource}'],
  'd43911ee-6958-46b0-a42b-8445b8a0d004': [
    'iterations',
    'repositories/{repositoryId}/pullRequests/{pullRequestId}/{resource}',
  ],
  '4216bdcf-b6b1-4d59-8b82-c34cc183fc8b': [
    'changes',
    'repositories/{repositoryId}/pullRequests/{pullRequestId}/iterations/{iterationId}/{resource}',
  ],
  '9946fd70-0d40-406e-b686-b4744cbbcc37': ['pullRequests', 'repositories/{repositoryId}/{resource}'],
  'ab6e2e5d-a0b7-4153-b64a-a4efe0d49449': [
    'threads',
    'repositories/{repositoryId}/pullRequests/{pullRequestId}/{resource}',
  ],
  '965a3ec7-5ed8-455a-bdcb-835a5ea7fe7b': [
    'comments',
    'repositories/{repositoryId}/pullRequests/{pullRequestId}/threads/{threadId}/{resource}/{commentId}',
  ],
};

const none: Answer = {
  status: 404,
  body: { $id: '1', message: 'TF401019: it does not exist.', typeKey: 'NotFound' },
};

export function azureDevOpsRoutes(state: AzureDevOpsState): Routes {
  const at = '/Example/_apis/git/repositories/shop';
  const many = (value: readonly unknown[]): Answer => ({ body: { count: value.length, value } });
  return {
    'OPTIONS /_apis/git': () =>
      many(
        Object.entries(LOCATIONS).map(([id, [resourceName, template]]) => ({
          id,
          area: 'git',
          resourceName,
          routeTemplate: `{project}/_apis/{area}/${template}`,
          resourceVersion: 1,
          minVersion: '1.0',
          maxVersion: '7.2',
          releasedVersion: '7.1',
        })),
      ),
    'GET /_apis/connectionData': ({ headers }) =>
      headers['authorization'] === `Basic ${Buffer.from(':good').toString('base64')}`
        ? { body: { authenticatedUser: { id: 'd6245f20', providerDisplayName: 'Jamal' } } }
        : // What an organization says that lets nobody in anonymously.
          { status: 203, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
    [`GET ${at}`]: () => ({
      body: {
        id: REPOSITORY_ID,
        name: 'shop',
        defaultBranch: 'refs/heads/main',
        webUrl: 'https://dev.azure.com/example-org/Example/_git/shop',
        project: { id: PROJECT_ID, name: 'Example', visibility: state.visibility },
      },
    }),
    [`GET ${at}/refs`]: ({ query }) =>
      many(
        Object.entries(state.refs)
          .map(([name, ref]) => ({ name, ...ref }))
          .filter(({ name }) => name.startsWith(`refs/${query['filter'] ?? ''}`)),
      ),
    [`GET ${at}/commits/:id`]: ({ params: { id: commitId = '' } }) =>
      state.commits.includes(commitId)
        ? { body: { commitId, comment: 'Fix it', author: AUTHOR, committer: AUTHOR, remoteUrl: 'https://x.example' } }
        : none,
    [`GET ${at}/diffs/commits`]: ({ query }) => {
      const changes = state.diffs[`${query['baseVersion'] ?? ''} ${query['targetVersion'] ?? ''}`];
      const from = Number(query['$skip']);
      const page = changes?.slice(from, from + Number(query['$top']));
      if (page === undefined || changes === undefined) return none;
      return { body: { allChangesIncluded: from + page.length >= changes.length, changes: page } };
    },
    [`GET ${at}/items`]: async ({ query }) => {
      if (query['$format'] === 'zip') {
        const packed = await state.archive?.(query['versionDescriptor.version'] ?? '');
        return { headers: { 'content-type': 'application/zip' }, body: packed ?? 'a zip' };
      }
      const path = query['path'] ?? '';
      const content = state.files[path];
      return content === undefined ? none : { body: { path, gitObjectType: 'blob', content } };
    },
    [`GET ${at}/commits/:id/statuses`]: () => many(state.statuses),
    [`POST ${at}/commits/:id/statuses`]: ({ body }) => {
      const status = body as AzureDevOpsState['statuses'][number];
      const there = state.statuses.findIndex(({ context }) => context.name === status.context.name);
      if (there >= 0) state.statuses.splice(there, 1);
      state.statuses.push(status);
      return { status: 201, body: { id: 1, ...status } };
    },
    [`GET ${at}/pullRequests/:number/iterations`]: () => many([{ id: 1 }, { id: 3 }, { id: 2 }]),
    [`GET ${at}/pullRequests/:number/iterations/3/changes`]: ({ query }) => {
      const from = Number(query['$skip']);
      const to = Math.min(from + Number(query['$top']), state.iterationChanges);
      const changeEntries = Array.from({ length: to - from }, (_, index) => ({
        changeType: 'rename',
        item: { path: `/src/${from + index}.ts` },
        originalPath: `/old/${from + index}.ts`,
      }));
      return { body: { changeEntries, ...(to < state.iterationChanges ? { nextSkip: to, nextTop: 2_000 } : {}) } };
    },
    [`GET ${at}/pullRequests`]: () =>
      many([
        {
          pullRequestId: 7,
          title: 'Fix it',
          sourceRefName: 'refs/heads/topic',
          targetRefName: 'refs/heads/main',
          lastMergeSourceCommit: { commitId: state.commits[0] },
        },
        { pullRequestId: 8, title: 'Too new', sourceRefName: 'refs/heads/new', targetRefName: 'refs/heads/main' },
      ]),
    [`GET ${at}/pullRequests/:number/threads`]: () => many(state.threads),
    [`POST ${at}/pullRequests/:number/threads`]: ({ body }) => {
      const { comments, status } = body as { comments: { content: string }[]; status: string };
      const id = state.threads.length + 1;
      state.threads.push({ id, status, comments: comments.map(({ content }) => ({ id: 1, content })) });
      return { body: { id } };
    },
    [`PATCH ${at}/pullRequests/:number/threads/:thread/comments/:id`]: ({ params, body }) => {
      const thread = state.threads.find(({ id }) => String(id) === params['thread']);
      const comment = thread?.comments.find(({ id }) => String(id) === params['id']);
      return comment === undefined ? none : { body: Object.assign(comment, body) };
    },
    'GET /_apis/hooks/subscriptions': () => many(state.subscriptions),
    'GET /_apis/hooks/subscriptions/:id': ({ params }) => {
      const found = state.subscriptions.find(({ id }) => id === params['id']);
      return found === undefined ? none : { body: found };
    },
    'POST /_apis/hooks/subscriptions': ({ body }) => {
      const { consumerInputs, ...rest } = body as { consumerInputs: Record<string, string> };
      const id = `subscription-${state.subscriptions.length + 1}`;
      // Passwords come back as stars.
      const subscription = {
        ...rest,
        id,
        status: 'enabled',
        consumerInputs: { ...consumerInputs, basicAuthPassword: '********' },
      };
      state.subscriptions.push(subscription);
      return { body: subscription };
    },
    'PUT /_apis/hooks/subscriptions/:id': ({ params, body }) => {
      const found = state.subscriptions.find(({ id }) => id === params['id']);
      return found === undefined ? none : { body: Object.assign(found, body, { status: 'enabled' }) };
    },
    'DELETE /_apis/hooks/subscriptions/:id': ({ params }) => {
      const index = state.subscriptions.findIndex(({ id }) => id === params['id']);
      if (index < 0) return none;
      state.subscriptions.splice(index, 1);
      return { status: 204 };
    },
  };
}
