import { hexSignature, type PullRequestFacts, type Sender, SENDER_NAME, ZEROS } from './sender.ts';

const CHANGES: Readonly<Record<PullRequestFacts['change'], string>> = {
  opened: 'opened',
  reopened: 'reopened',
  pushed: 'synchronized',
  closed: 'closed',
  merged: 'closed',
  labeled: 'label_updated',
};
const SENDER = { id: 583231, login: SENDER_NAME, username: SENDER_NAME, full_name: '', email: 'octocat@example.com' };

export const giteaSender = likeGitea('Gitea');
export const forgejoSender = likeGitea('Forgejo');

function likeGitea(flavour: 'Gitea' | 'Forgejo'): Sender {
  return {
    kind: 'gitea',
    signsBody: true,
    idInBody: false,
    push: ({ ref, before, after, repository, message }) => {
      const url = `https://git.example.com/${repository.name}`;
      const commit = {
        id: after,
        message: `${message}\n`,
        url: `${url}/commit/${after ?? ''}`,
        author: { name: 'Somebody Else', email: 'else@example.com', username: '' },
        committer: { name: 'Somebody Else', email: 'else@example.com', username: '' },
        verification: null,
        timestamp: '2026-11-25T11:59:00Z',
        added: ['src/new.ts'],
        removed: [],
        modified: ['README.md'],
      };
      return {
        event: 'push',
        payload: {
          ref,
          before: before ?? ZEROS,
          after: after ?? ZEROS,
          compare_url: `${url}/compare/x...y`,
          commits: after === undefined ? [] : [commit],
          total_commits: after === undefined ? 0 : 1,
          head_commit: after === undefined ? null : commit,
          repository: {
            id: Number(repository.id),
            full_name: repository.name,
            default_branch: 'main',
            private: true,
          },
          pusher: SENDER,
          sender: SENDER,
        },
      };
    },
    pullRequest: ({ change, repository, from, title, head, base, branch }) => ({
      event: 'pull_request',
      payload: {
        action: CHANGES[change],
        number: 7,
        pull_request: {
          id: 62112,
          number: 7,
          title,
          user: SENDER,
          html_url: `https://git.example.com/${repository.name}/pulls/7`,
          state: ['closed', 'merged'].includes(change) ? 'closed' : 'open',
          draft: false,
          merged: change === 'merged',
          head: { label: branch, ref: branch, sha: head, repo: { id: Number(from.id), full_name: from.name } },
          base: {
            label: 'main',
            ref: 'main',
            sha: base,
            repo: { id: Number(repository.id), full_name: repository.name },
          },
        },
        repository: { id: Number(repository.id), full_name: repository.name },
        sender: SENDER,
        commit_id: '',
        review: null,
      },
    }),
    others: {
      'a new branch': { event: 'create', payload: { ref: 'topic', ref_type: 'branch' } },
      'something else': { event: 'issues', payload: { action: 'opened' } },
    },
    headers: ({ event }, body, secret, id) => ({
      // Gitea copies what others send, so that their receivers understand it.
      ...named('gitea', event, id, secret === undefined ? '' : hexSignature(body, secret)),
      ...named('gogs', event, id, secret === undefined ? '' : hexSignature(body, secret)),
      'x-hub-signature-256': secret === undefined ? 'sha256=' : `sha256=${hexSignature(body, secret)}`,
      'x-github-event': event,
      'x-github-delivery': id,
      ...(flavour === 'Forgejo'
        ? named('forgejo', event, id, secret === undefined ? '' : hexSignature(body, secret))
        : {}),
    }),
  };
}

function named(name: string, event: string, id: string, signature: string): Record<string, string> {
  return {
    [`x-${name}-event`]: event,
    [`x-${name}-event-type`]: event,
    [`x-${name}-delivery`]: id,
    [`x-${name}-signature`]: signature,
  };
}
