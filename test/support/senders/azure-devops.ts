import type { RepositoryRef } from '../../../worker/engine/source-event.ts';
import { type PullRequestFacts, type Sender, SENDER_NAME, ZEROS } from './sender.ts';

const STATUSES: Readonly<Record<PullRequestFacts['change'], string>> = {
  opened: 'active',
  reopened: 'active',
  pushed: 'active',
  closed: 'abandoned',
  merged: 'completed',
  labeled: 'notSet',
};
const BASE = 'https://dev.azure.com/example-org';
const IDENTITY = { id: '583231', displayName: SENDER_NAME, uniqueName: 'octocat@example.com' };

export const azureDevOpsSender: Sender = {
  kind: 'azure-devops',
  signsBody: false,
  idInBody: true,
  push: ({ ref, before, after, repository, message }) => ({
    event: 'git.push',
    payload: envelope('git.push', {
      commits:
        after === undefined
          ? []
          : [{ commitId: after, author: { name: 'Somebody Else', email: 'else@example.com' }, comment: message }],
      refUpdates: [{ name: ref, oldObjectId: before ?? ZEROS, newObjectId: after ?? ZEROS }],
      repository: repositoryOf(repository),
      pushedBy: IDENTITY,
      pushId: 14,
      date: '2026-11-25T11:59:00.3309587Z',
      url: `${BASE}/_apis/git/repositories/${repository.id}/pushes/14`,
    }),
  }),
  pullRequest: ({ change, repository, from, title, head, base, branch }) => {
    const event = change === 'opened' ? 'git.pullrequest.created' : 'git.pullrequest.updated';
    const resource = {
      repository: repositoryOf(repository),
      pullRequestId: 7,
      status: STATUSES[change],
      createdBy: IDENTITY,
      creationDate: '2026-11-25T11:00:00.589889Z',
      title,
      sourceRefName: `refs/heads/${branch}`,
      targetRefName: 'refs/heads/main',
      mergeStatus: 'succeeded',
      isDraft: false,
      lastMergeSourceCommit: { commitId: head },
      lastMergeTargetCommit: { commitId: base },
      reviewers: [],
      ...(from.id === repository.id ? {} : { forkSource: { repository: repositoryOf(from) } }),
    };
    return { event, payload: envelope(event, resource) };
  },
  others: {
    'a merge commit': { event: 'git.pullrequest.merged', payload: envelope('git.pullrequest.merged', {}) },
    'something else': { event: 'workitem.created', payload: envelope('workitem.created', {}) },
  },
  headers: (_message, _body, secret) =>
    secret === undefined ? {} : { authorization: `Basic ${Buffer.from(`millrace:${secret}`).toString('base64')}` },
};

function envelope(eventType: string, resource: object): object {
  return {
    subscriptionId: '0f5b1ee0-5a5e-4b6c-9a3b-6f0e5d6b8d10',
    notificationId: 3,
    eventType,
    publisherId: 'tfs',
    message: { text: 'octocat did something' },
    resource,
    resourceVersion: '1.0',
    resourceContainers: { project: { id: '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c' } },
    createdDate: '2026-11-25T12:00:00.0379153Z',
  };
}

function repositoryOf({ id, name }: Required<RepositoryRef>): object {
  const [project = '', repository = ''] = name.split('/');
  const url = `${BASE}/${project}/_git/${repository}`;
  return { id, name: repository, remoteUrl: url, project: { id: project, name: project, state: 'wellFormed' } };
}
