import type { pr, repo } from '@coderabbitai/bitbucket/server';
import type { RepositoryRef } from '../../../worker/engine/source-event.ts';
import { hexSignature, type PullRequestFacts, type PushFacts, type Sender, SENDER_NAME, ZEROS } from './sender.ts';

/** Payloads as the documentation of Bitbucket Data Center shows them, in the types that others made from it. */

const BASE = 'https://bitbucket.example.com';
const DATE = '2026-11-25T12:00:00+0000';
const ACTOR = {
  name: SENDER_NAME,
  emailAddress: 'octocat@example.com',
  id: 583231,
  displayName: 'The Octocat',
  active: true,
  slug: SENDER_NAME,
  type: 'NORMAL',
  links: { self: [{ href: `${BASE}/users/${SENDER_NAME}` }] },
};
const SOMEBODY = { name: 'Somebody Else', emailAddress: 'else@example.com' };
const EVENTS: Readonly<Record<PullRequestFacts['change'], string>> = {
  opened: 'pr:opened',
  reopened: 'pr:opened',
  pushed: 'pr:from_ref_updated',
  closed: 'pr:declined',
  merged: 'pr:merged',
  // It has no labels; this is the nearest thing.
  labeled: 'pr:modified',
};
const STATES: Readonly<Record<string, 'DECLINED' | 'MERGED'>> = { closed: 'DECLINED', merged: 'MERGED' };

export const bitbucketDcSender: Sender = {
  kind: 'bitbucket-dc',
  signsBody: true,
  idInBody: false,
  push: (facts) => ({ event: 'repo:refs_changed', payload: pushOf(facts) }),
  pullRequest: (facts) => ({
    event: EVENTS[facts.change],
    payload: { ...pullRequestOf(facts), eventKey: EVENTS[facts.change] },
  }),
  others: {
    'a ping': { event: 'diagnostics:ping', payload: { test: true } },
    'a comment': { event: 'pr:comment:added', payload: { eventKey: 'pr:comment:added' } },
    'a mirror': { event: 'mirror:repo_synchronized', payload: { eventKey: 'mirror:repo_synchronized' } },
  },
  headers: ({ event }, body, secret, id) => ({
    'user-agent': 'Atlassian HttpClient 4.2.0 / Bitbucket-9.4.0 (9004000) / Default',
    'x-event-key': event,
    'x-request-id': id,
    ...(secret === undefined ? {} : { 'x-hub-signature': `sha256=${hexSignature(body, secret)}` }),
  }),
};

function pushOf({ ref, before, after, repository, message }: PushFacts): repo.refsChanged.RepoRefsChanged {
  const commit = {
    id: after ?? ZEROS,
    displayId: (after ?? ZEROS).slice(0, 11),
    author: SOMEBODY,
    authorTimestamp: Date.parse('2026-11-25T11:59:00Z'),
    committer: SOMEBODY,
    committerTimestamp: Date.parse('2026-11-25T11:59:00Z'),
    message,
    parents: [],
  };
  const isTag = ref.startsWith('refs/tags/');
  return {
    eventKey: 'repo:refs_changed',
    date: DATE,
    actor: ACTOR,
    repository: repositoryOf(repository),
    changes: [
      {
        ref: { id: ref, displayId: ref.replace(/^refs\/(heads|tags)\//, ''), type: isTag ? 'TAG' : 'BRANCH' },
        refId: ref,
        fromHash: before ?? ZEROS,
        toHash: after ?? ZEROS,
        type: before === undefined ? 'ADD' : after === undefined ? 'DELETE' : 'UPDATE',
      },
    ],
    // Of what was deleted nothing more is said.
    ...((after === undefined ? {} : { commits: [commit], toCommit: commit }) as Pick<
      repo.refsChanged.RepoRefsChanged,
      'commits' | 'toCommit'
    >),
  };
}

function pullRequestOf({ change, repository, from, title, head, base, branch }: PullRequestFacts): object {
  const side = (name: string, latestCommit: string, of: Required<RepositoryRef>): pr.opened.Ref => ({
    id: `refs/heads/${name}`,
    displayId: name,
    latestCommit,
    type: 'BRANCH',
    repository: repositoryOf(of),
  });
  const state = STATES[change] ?? 'OPEN';
  const author = { user: { ...ACTOR, name: 'Somebody Else' }, role: 'AUTHOR', approved: false, status: 'UNAPPROVED' };
  const pullRequest: Omit<pr.opened.PullRequest, 'links'> = {
    id: 7,
    version: 1,
    title,
    description: '',
    state,
    open: state === 'OPEN',
    closed: state !== 'OPEN',
    draft: false,
    createdDate: Date.parse('2026-11-25T11:00:00Z'),
    updatedDate: Date.parse('2026-11-25T11:59:00Z'),
    fromRef: side(branch, head, from),
    toRef: side('main', base, repository),
    locked: false,
    author,
    reviewers: [],
    participants: [],
  };
  const links = { self: [{ href: `${BASE}/projects/X/repos/x/pull-requests/7` }] };
  return { date: DATE, actor: ACTOR, pullRequest: { ...pullRequest, links } };
}

function repositoryOf({ id, name }: Required<RepositoryRef>): pr.opened.Repository & repo.refsChanged.Repository {
  const [key = '', slug = ''] = name.split('/');
  const links = { self: [{ href: `${BASE}/projects/${key}` }] };
  return {
    slug,
    id: Number(id),
    name: slug,
    hierarchyId: 'e3c939f9ef4a7fae272e',
    scmId: 'git',
    state: 'AVAILABLE',
    statusMessage: 'Available',
    forkable: true,
    project: { key, id: 84, name: key, public: false, type: 'NORMAL', description: '', links },
    public: false,
    archived: false,
    links: { self: [{ href: `${BASE}/projects/${key}/repos/${slug}/browse` }], clone: [] },
  };
}
