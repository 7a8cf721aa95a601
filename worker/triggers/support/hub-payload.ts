import { z } from 'zod';
import type { EventActor, PullRequestEvent, RepositoryRef } from '../../engine/source-event.ts';
import type { VerifiedDelivery } from '../trigger-source.ts';
import type { EventRead } from './event-read.ts';
import { ID, linkOf, NAME, readPayload, SHA, TEXT } from './payload.ts';
import { isRefName } from './ref.ts';

/** What GitHub says, and what Gitea and Forgejo say after it. */

export const REPOSITORY = z.object({ id: ID, full_name: NAME });
export const SENDER = z.object({ id: ID, login: NAME });

const PULL_REQUEST = z.object({
  action: z.string(),
  repository: REPOSITORY,
  sender: SENDER.nullish(),
  pull_request: z.object({
    number: z.number().int(),
    title: TEXT,
    html_url: z.string().nullish(),
    draft: z.boolean().nullish(),
    merged: z.boolean().nullish(),
    head: z.object({ ref: z.string(), sha: SHA, repo: REPOSITORY.nullish(), user: SENDER.nullish() }),
    base: z.object({ ref: z.string(), sha: SHA }),
  }),
});

const EVENTS: Readonly<Record<string, PullRequestEvent['event']>> = {
  opened: 'OPEN',
  reopened: 'OPEN',
  synchronize: 'UPDATED',
  synchronized: 'UPDATED',
  closed: 'CLOSED',
};

export function pullRequestIn(delivery: VerifiedDelivery): EventRead | string {
  const read = readPayload(delivery, PULL_REQUEST);
  if (!read.ok) return read;
  const { action, repository, sender } = read.value;
  const { number, title, html_url: url, draft, merged, head, base } = read.value.pull_request;
  const event = Object.hasOwn(EVENTS, action) ? EVENTS[action] : undefined;
  if (event === undefined) return `Nothing follows from a pull request that is "${action.slice(0, 100)}".`;
  if (!isRefName(head.ref) || !isRefName(base.ref)) return { ok: false, message: 'A branch has no name of one.' };
  const pullRequest: PullRequestEvent = {
    kind: 'pullRequest',
    repository: repositoryOf(repository),
    event: event === 'CLOSED' && merged === true ? 'MERGED' : event,
    number,
    title,
    ...linkOf(url),
    head: {
      branch: head.ref,
      commit: { id: head.sha },
      // Of a fork that is gone only its owner is known.
      repository: head.repo ? repositoryOf(head.repo) : { name: `${head.user?.login ?? 'unknown'}/unknown` },
    },
    base: { branch: base.ref, commit: base.sha },
    isFork: head.repo?.id !== repository.id,
    isDraft: draft ?? false,
    actor: actorOf(sender, 'unknown'),
  };
  return { ok: true, event: pullRequest };
}

export function repositoryOf({ id, full_name: name }: z.infer<typeof REPOSITORY>): RepositoryRef {
  return { name, id };
}

export function actorOf(sender: z.infer<typeof SENDER> | null | undefined, otherwise: string): EventActor {
  return sender ? { id: sender.id, name: sender.login } : { name: otherwise };
}
