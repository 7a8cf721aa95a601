import type { RepositoryRef } from '../../../worker/engine/source-event.ts';
import { hexSignature, type PullRequestFacts, type PushFacts, type Sender, SENDER_NAME } from './sender.ts';

/** Payloads as the documentation of Bitbucket Cloud shows them. */

const BASE = 'https://bitbucket.org';
const ACTOR = {
  type: 'user',
  display_name: 'The Octocat',
  uuid: '{9484702e-c663-4afd-aefb-c93a8cd31c28}',
  account_id: '583231',
  nickname: SENDER_NAME,
  links: { html: { href: `${BASE}/%7B9484702e-c663-4afd-aefb-c93a8cd31c28%7D/` } },
};
const EVENTS: Readonly<Record<PullRequestFacts['change'], string>> = {
  opened: 'pullrequest:created',
  reopened: 'pullrequest:created',
  pushed: 'pullrequest:updated',
  closed: 'pullrequest:rejected',
  merged: 'pullrequest:fulfilled',
  // It has no labels; this is the nearest thing.
  labeled: 'pullrequest:approved',
};
const STATES: Readonly<Record<string, string>> = { closed: 'DECLINED', merged: 'MERGED' };

export const bitbucketSender: Sender = {
  kind: 'bitbucket',
  signsBody: true,
  idInBody: false,
  pullRequestCommits: 'abbreviated',
  push: (facts) => ({
    event: 'repo:push',
    payload: {
      push: { changes: [changeOf(facts)] },
      repository: repositoryOf(facts.repository),
      actor: ACTOR,
    },
  }),
  pullRequest: ({ change, repository, from, title, head, base, branch }) => ({
    event: EVENTS[change],
    payload: {
      repository: repositoryOf(repository),
      actor: ACTOR,
      pullrequest: {
        type: 'pullrequest',
        id: 7,
        title,
        description: '',
        state: STATES[change] ?? 'OPEN',
        draft: false,
        author: { ...ACTOR, nickname: 'Somebody Else' },
        source: sideOf(branch, head, from),
        destination: sideOf('main', base, repository),
        merge_commit: change === 'merged' ? { type: 'commit', hash: 'c'.repeat(12) } : null,
        close_source_branch: true,
        closed_by: null,
        reason: '',
        created_on: '2026-11-25T11:00:00.000000+00:00',
        updated_on: '2026-11-25T11:59:00.000000+00:00',
        links: { html: { href: `${BASE}/${repository.name}/pull-requests/7` } },
      },
    },
  }),
  others: {
    'a comment': { event: 'pullrequest:comment_created', payload: { comment: { id: 17 } } },
    'a status': { event: 'repo:commit_status_updated', payload: { commit_status: { key: 'x' } } },
    'a fork': { event: 'repo:fork', payload: { fork: {} } },
  },
  headers: ({ event }, body, secret, id) => ({
    'user-agent': 'Bitbucket-Webhooks/2.0',
    'x-event-key': event,
    'x-hook-uuid': '59ea9a98-2f3a-4d9b-8ac5-1f7cc0b1c4b0',
    'x-request-uuid': id,
    'x-attempt-number': '1',
    ...(secret === undefined ? {} : { 'x-hub-signature': `sha256=${hexSignature(body, secret)}` }),
  }),
};

function changeOf({ ref, before, after, repository, message, forced = false }: PushFacts): object {
  const [, folder, branch = ''] = /^refs\/(heads|tags)\/(.*)$/s.exec(ref) ?? [];
  const type = folder === 'heads' ? 'branch' : 'tag';
  // Nothing else is told of; if it were, it would be of a type of its own.
  const named = folder === undefined ? { type: 'other', name: ref } : { type, name: branch };
  const at = (hash: string): object => ({
    ...named,
    target: {
      type: 'commit',
      hash,
      message: `${message}\n`,
      date: '2026-11-25T11:59:00+00:00',
      author: { type: 'author', raw: 'Somebody Else <else@example.com>' },
      links: { html: { href: `${BASE}/${repository.name}/commits/${hash}` } },
    },
    links: { html: { href: `${BASE}/${repository.name}/branch/${branch}` } },
  });
  return {
    old: before === undefined ? null : at(before),
    new: after === undefined ? null : at(after),
    truncated: false,
    created: before === undefined,
    forced,
    closed: after === undefined,
    links: { html: { href: `${BASE}/${repository.name}/branches/compare/x..y` } },
    commits: [],
  };
}

function sideOf(name: string, hash: string, repository: Required<RepositoryRef>): object {
  const short = hash.slice(0, 12);
  return {
    branch: { name },
    commit: { type: 'commit', hash: short, links: { html: { href: `${BASE}/${repository.name}/commits/${short}` } } },
    repository: repositoryOf(repository),
  };
}

function repositoryOf({ id, name }: Required<RepositoryRef>): object {
  return {
    type: 'repository',
    full_name: name,
    name: name.split('/').at(-1),
    uuid: id,
    is_private: true,
    scm: 'git',
    links: { html: { href: `${BASE}/${name}` } },
  };
}
