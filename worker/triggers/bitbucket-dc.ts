import { z } from 'zod';
import type {
  Commit,
  EventActor,
  PullRequestEvent,
  PushEvent,
  RepositoryRef,
  SourceEvent,
} from '../engine/source-event.ts';
import { verifySha256 } from './support/hub-signature.ts';
import { deliveryId, ID, linkOf, NAME, readPayload, SHA, TEXT } from './support/payload.ts';
import { refOf } from './support/ref.ts';
import type { ParseResult, TriggerSource, VerifiedDelivery } from './trigger-source.ts';

/** Bitbucket Data Center. What it sends unsigned, because nobody gave the webhook a secret, is not let in. */
export const bitbucketDcTrigger: TriggerSource = {
  kind: 'bitbucket-dc',
  verify: (raw, secrets) => verifySha256('bitbucket-dc', raw, secrets, 'X-Hub-Signature'),
  parse: (delivery) => {
    const name = delivery.headers['x-event-key'];
    if (name === undefined) return { ok: false, message: 'There is no X-Event-Key.' };
    const about = { deliveryId: deliveryId(delivery, 'x-request-id'), name: name.slice(0, 100) };
    const found = eventsIn(name, delivery);
    if (typeof found === 'string') return { ok: true, parsed: { ...about, events: [], ignored: found } };
    return 'ok' in found ? found : { ok: true, parsed: { ...about, events: found.events } };
  },
};

type Refusal = Extract<ParseResult, { ok: false }>;
type Found = { readonly events: readonly SourceEvent[] } | Refusal | string;

const PULL_REQUEST_EVENTS: Readonly<Record<string, PullRequestEvent['event']>> = {
  'pr:opened': 'OPEN',
  'pr:from_ref_updated': 'UPDATED',
  'pr:merged': 'MERGED',
  'pr:declined': 'CLOSED',
};

function eventsIn(name: string, delivery: VerifiedDelivery): Found {
  if (name === 'repo:refs_changed') return pushesIn(delivery);
  if (name === 'diagnostics:ping') return 'Bitbucket tries out the webhook; all is well.';
  const event = Object.hasOwn(PULL_REQUEST_EVENTS, name) ? PULL_REQUEST_EVENTS[name] : undefined;
  return event === undefined ? `Nothing follows from "${name.slice(0, 100)}".` : pullRequestIn(delivery, event);
}

const ACTOR = z.object({ id: ID.nullish(), name: NAME.nullish() }).nullish();
const REPOSITORY = z.object({ id: ID, slug: NAME, project: z.object({ key: NAME }) });
const COMMIT = z.object({ id: SHA, message: TEXT.nullish(), authorTimestamp: z.number().nullish() });

const PUSH = z.object({
  actor: ACTOR,
  repository: REPOSITORY,
  changes: z
    .object({
      ref: z.object({ id: z.string() }),
      fromHash: SHA,
      toHash: SHA,
      type: z.enum(['ADD', 'UPDATE', 'DELETE']),
    })
    .array()
    .max(1_000),
  commits: COMMIT.array().nullish(),
  /** Of the newest commit, if but one branch or tag has changed. */
  toCommit: COMMIT.nullish(),
});

/** One push may move several branches. It says nothing about files. */
function pushesIn(delivery: VerifiedDelivery): Found {
  const read = readPayload(delivery, PUSH);
  if (!read.ok) return read;
  const { repository, actor, changes } = read.value;
  const events = changes.flatMap(({ ref: { id }, fromHash: before, toHash, type }): PushEvent[] => {
    const ref = refOf(id);
    if (ref === undefined) return [];
    return [
      {
        kind: 'push',
        repository: repositoryOf(repository),
        ref,
        ...(type === 'ADD' ? {} : { before }),
        ...(type === 'DELETE' ? {} : { after: commitOf(toHash, ref, read.value) }),
        actor: actorOf(actor),
      },
    ];
  });
  return events.length === 0 ? 'What was pushed is neither a branch nor a tag.' : { events };
}

/** Of an annotated tag the hash is that of the tag itself, and what it is a tag of is what can be checked out. */
function commitOf(
  hash: string,
  { kind }: PushEvent['ref'],
  { changes, commits, toCommit }: z.infer<typeof PUSH>,
): Commit {
  const tagged = kind === 'tag' && changes.length === 1 ? toCommit : undefined;
  const known = tagged ?? [toCommit, ...(commits ?? [])].find((one) => one?.id === hash);
  if (!known) return { id: hash };
  const { id, message, authorTimestamp: authoredAt } = known;
  return {
    id,
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof authoredAt === 'number' ? { authoredAt } : {}),
  };
}

const SIDE = z.object({ id: z.string(), latestCommit: SHA, repository: REPOSITORY });

const PULL_REQUEST = z.object({
  actor: ACTOR,
  pullRequest: z.object({
    id: z.number().int(),
    title: TEXT,
    draft: z.boolean().nullish(),
    fromRef: SIDE,
    toRef: SIDE,
    links: z.object({ self: z.object({ href: z.string().nullish() }).nullish().array().nullish() }).nullish(),
  }),
});

function pullRequestIn(delivery: VerifiedDelivery, event: PullRequestEvent['event']): Found {
  const read = readPayload(delivery, PULL_REQUEST);
  if (!read.ok) return read;
  const { actor, pullRequest: found } = read.value;
  const { id: number, title, draft, fromRef, toRef, links } = found;
  const [head, base] = [refOf(fromRef.id), refOf(toRef.id)];
  if (head === undefined || base === undefined) return { ok: false, message: 'A branch has no name of one.' };
  const pullRequest: PullRequestEvent = {
    kind: 'pullRequest',
    repository: repositoryOf(toRef.repository),
    event,
    number,
    title,
    ...linkOf(links?.self?.[0]?.href),
    head: {
      branch: head.name,
      commit: { id: fromRef.latestCommit },
      repository: repositoryOf(fromRef.repository),
    },
    base: { branch: base.name, commit: toRef.latestCommit },
    isFork: fromRef.repository.id !== toRef.repository.id,
    isDraft: draft ?? false,
    actor: actorOf(actor),
  };
  return { events: [pullRequest] };
}

function repositoryOf({ id, slug, project }: z.infer<typeof REPOSITORY>): RepositoryRef {
  return { name: `${project.key}/${slug}`, id };
}

function actorOf(actor: z.infer<typeof ACTOR>): EventActor {
  return { ...(actor?.id ? { id: actor.id } : {}), name: actor?.name ?? 'unknown' };
}
