import recorded from '../../fixtures/deliveries/github.json' with { type: 'json' };
import { hexSignature, type PullRequestFacts, type Sender, SENDER_NAME, ZEROS } from './sender.ts';

/** Payloads that GitHub has really sent, with other facts in them: the first of each kind of `@octokit/webhooks-examples`. */

const CHANGES: Readonly<Record<PullRequestFacts['change'], string>> = {
  opened: 'opened',
  reopened: 'reopened',
  pushed: 'synchronize',
  closed: 'closed',
  merged: 'closed',
  labeled: 'labeled',
};

export const gitHubSender: Sender = {
  kind: 'github',
  signsBody: true,
  idInBody: false,
  push: ({ ref, before, after, repository, message, forced = false }) => {
    const url = `https://github.com/${repository.name}`;
    const commit = {
      id: after,
      message,
      timestamp: '2026-11-25T11:59:00Z',
      url: `${url}/commit/${after ?? ''}`,
      author: { name: 'Somebody Else', email: 'else@example.com' },
      added: ['src/new.ts'],
      removed: [],
      modified: ['README.md'],
    };
    return {
      event: 'push',
      payload: {
        ...example('push'),
        ref,
        before: before ?? ZEROS,
        after: after ?? ZEROS,
        created: before === undefined,
        deleted: after === undefined,
        forced,
        compare: `${url}/compare/x...y`,
        head_commit: after === undefined ? null : commit,
        commits: after === undefined ? [] : [commit],
        repository: { id: Number(repository.id), full_name: repository.name, private: true },
        sender: { id: 583231, login: SENDER_NAME, type: 'User' },
      },
    };
  },
  pullRequest: ({ change, repository, from, title, head, base, branch }) => ({
    event: 'pull_request',
    payload: {
      ...example('pull_request'),
      action: CHANGES[change],
      number: 7,
      pull_request: {
        ...(example('pull_request') as { pull_request: object }).pull_request,
        number: 7,
        title,
        html_url: `https://github.com/${repository.name}/pull/7`,
        draft: false,
        merged: change === 'merged',
        head: { ref: branch, sha: head, repo: { id: Number(from.id), full_name: from.name } },
        base: { ref: 'main', sha: base, repo: { id: Number(repository.id), full_name: repository.name } },
      },
      repository: { id: Number(repository.id), full_name: repository.name },
      sender: { id: 583231, login: SENDER_NAME },
    },
  }),
  others: {
    'a ping': { event: 'ping', payload: example('ping') },
    'a new branch, of which a push tells as well': { event: 'create', payload: example('create') },
    'something else': { event: 'star', payload: example('star') },
  },
  headers: ({ event }, body, secret, id) => ({
    'user-agent': 'GitHub-Hookshot/abc',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-github-hook-id': '1',
    ...(secret === undefined ? {} : { 'x-hub-signature-256': `sha256=${hexSignature(body, secret)}` }),
  }),
};

function example(event: keyof typeof recorded): object {
  return recorded[event];
}
