import { createHash, createHmac } from 'node:crypto';
import type { MergeRequestEvent, PushEvent } from 'gitlab-event-types';
import type { RepositoryRef } from '../../../worker/engine/source-event.ts';
import { type PullRequestFacts, type PushFacts, type Sender, SENDER_NAME, ZEROS } from './sender.ts';

/** Payloads as the documentation of GitLab shows them, in the types that others made from it. */

const BASE = 'https://gitlab.example.com';
/** GitLab's own names of events, and what they are called in headers. */
const HEADERS: Readonly<Record<string, string>> = {
  push: 'Push Hook',
  tag_push: 'Tag Push Hook',
  merge_request: 'Merge Request Hook',
  pipeline: 'Pipeline Hook',
  note: 'Note Hook',
};
const ACTIONS: Readonly<Record<PullRequestFacts['change'], string>> = {
  opened: 'open',
  reopened: 'reopen',
  pushed: 'update',
  closed: 'close',
  merged: 'merge',
  labeled: 'update',
};

/** Before GitLab 19, or where nobody has given it a signing token: it shows the secret. */
export const gitLabSender: Sender = {
  kind: 'gitlab',
  signsBody: false,
  idInBody: false,
  pullRequestCommits: 'head',
  push: (facts) => {
    const event = facts.ref.startsWith('refs/tags/') ? 'tag_push' : 'push';
    return { event, payload: { ...pushOf(facts), object_kind: event, event_name: event } };
  },
  pullRequest: (facts) => ({ event: 'merge_request', payload: mergeRequestOf(facts) }),
  others: {
    'a pipeline of its own': {
      event: 'pipeline',
      payload: { object_kind: 'pipeline', object_attributes: { id: 31 } },
    },
    'a comment': { event: 'note', payload: { object_kind: 'note', object_attributes: { id: 1244 } } },
  },
  headers: ({ event }, _body, secret, id) => ({
    'user-agent': 'GitLab/18.4.0',
    'x-gitlab-event': HEADERS[event] ?? event,
    'x-gitlab-webhook-uuid': '3c5c0404-c866-44bc-a5f6-452bb1bfc76e',
    'x-gitlab-instance': BASE,
    'x-gitlab-event-uuid': id,
    'idempotency-key': id,
    ...(secret === undefined ? {} : { 'x-gitlab-token': secret }),
  }),
};

/** GitLab 19 with the signing token that the hook was given. */
export const signingGitLabSender: Sender = {
  ...gitLabSender,
  signsBody: true,
  headers: (message, body, secret, id) => {
    const token = secret === undefined ? undefined : signingTokenOf(secret);
    return gitLabSenderAt(Date.parse('2026-11-25T11:59:58Z')).headers(message, body, token, id);
  },
};

/** The same at any other time; its secret is the signing token itself, as GitLab was given it. */
export function gitLabSenderAt(now: number): Sender {
  return {
    ...gitLabSender,
    signsBody: true,
    headers: (message, body, token, id) => {
      const common = gitLabSender.headers(message, body, undefined, id);
      return token === undefined ? common : { ...common, ...signature(body, token, id, now) };
    },
  };
}

/** As Standard Webhooks has it: the key is what the token says in Base64. */
function signature(body: Uint8Array, token: string, id: string, now: number): Record<string, string> {
  const time = String(Math.floor(now / 1000));
  const key = Buffer.from(token.slice('whsec_'.length), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signed}` };
}

export function signingTokenOf(secret: string): string {
  return `whsec_${createHash('sha256').update(secret).digest('base64')}`;
}

function pushOf({ ref, before, after, repository, message }: PushFacts): PushEvent {
  const commit = {
    id: after ?? ZEROS,
    message: `${message}\n`,
    title: message,
    timestamp: '2026-11-25T11:59:00+00:00',
    url: `${BASE}/${repository.name}/-/commit/${after ?? ''}`,
    author: { name: 'Somebody Else', email: 'else@example.com' },
    added: ['src/new.ts'],
    modified: ['README.md'],
    removed: [],
  };
  return {
    object_kind: 'push',
    before: before ?? ZEROS,
    after: after ?? ZEROS,
    ref,
    // Of a deletion it is null, which the types do not know.
    checkout_sha: (after ?? null) as string,
    user_id: 583231,
    user_name: 'The Octocat',
    user_username: SENDER_NAME,
    user_email: 'octocat@example.com',
    user_avatar: 'https://www.gravatar.com/avatar/x',
    project_id: Number(repository.id),
    project: projectOf(repository),
    commits: after === undefined ? [] : [commit],
    total_commits_count: after === undefined ? 0 : 1,
    repository: {
      name: repository.name,
      url: `git@gitlab.example.com:${repository.name}.git`,
      description: '',
      homepage: `${BASE}/${repository.name}`,
    },
  };
}

function mergeRequestOf(facts: PullRequestFacts): MergeRequestEvent {
  const { change, repository, from, title, head, base, branch } = facts;
  const user = { id: 583231, name: 'The Octocat', username: SENDER_NAME, avatar_url: 'https://www.gravatar.com/x' };
  const attributes = {
    id: 99,
    iid: 7,
    target_branch: 'main',
    source_branch: branch,
    source_project_id: Number(from.id),
    target_project_id: Number(repository.id),
    author_id: 51,
    assignee_id: 6,
    title,
    created_at: '2026-11-25T11:00:00Z',
    updated_at: '2026-11-25T11:59:00Z',
    milestone_id: null,
    state: { closed: 'closed', merged: 'merged' }[change as string] ?? 'opened',
    merge_status: 'checking' as const,
    description: '',
    source: projectOf(from),
    target: projectOf(repository),
    last_commit: {
      id: head,
      message: 'Fix it\n',
      timestamp: '2026-11-25T11:58:00+00:00',
      url: `${BASE}/${from.name}/-/commit/${head}`,
      author: { name: 'Somebody Else', email: 'else@example.com' },
    },
    draft: false,
    work_in_progress: false,
    url: `${BASE}/${repository.name}/-/merge_requests/7`,
    action: ACTIONS[change],
    assignee: user,
    ...(change === 'pushed' ? { oldrev: base } : {}),
  };
  return {
    object_kind: 'merge_request',
    user,
    project: projectOf(repository),
    repository: { name: repository.name, url: `${BASE}/${repository.name}.git`, description: '', homepage: BASE },
    object_attributes: attributes,
    labels: [],
    changes: change === 'labeled' ? { labels: { previous: [], current: [] } } : {},
    assignees: [],
    reviewers: [],
  };
}

function projectOf({ id, name }: Required<RepositoryRef>): PushEvent['project'] {
  const url = `${BASE}/${name}.git`;
  return {
    id: Number(id),
    name: name.split('/').at(-1) ?? '',
    description: '',
    web_url: `${BASE}/${name}`,
    avatar_url: '',
    git_ssh_url: `git@gitlab.example.com:${name}.git`,
    git_http_url: url,
    namespace: 'Example',
    visibility_level: 0,
    path_with_namespace: name,
    default_branch: 'main',
    homepage: `${BASE}/${name}`,
    url,
    ssh_url: `git@gitlab.example.com:${name}.git`,
    http_url: url,
  };
}
