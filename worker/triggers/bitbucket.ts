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
import { deliveryId, ID, instantOf, linkOf, NAME, readPayload, SHA, TEXT } from './support/payload.ts';
import { isRefName, refOf } from './support/ref.ts';
import type { ParseResult, TriggerSource, VerifiedDelivery } from './trigger-source.ts';

/** Bitbucket Cloud. What it sends unsigned, because nobody gave the webhook a secret, is not let in. */
export const bitbucketTrigger: TriggerSource = {
  kind: 'bitbucket',
  verify: (raw, secrets) => verifySha256('bitbucket', raw, secrets, 'X-Hub-Signature'),
  parse: (delivery) => {
    const name = delivery.headers['x-event-key'];
    if (name === undefined) return { ok: false, message: 'There is no X-Event-Key.' };
    const about = { deliveryId: deliveryId(delivery, 'x-request-uuid'), name: name.slice(0, 100) };
    const found = eventsIn(name, delivery);
    if (typeof found === 'string') return { ok: true, parsed: { ...about, events: [], ignored: found } };
    return 'ok' in found ? found : { ok: true, parsed: { ...about, events: found.events } };
  },
};

type Refusal = Extract<ParseResult, { ok: false }>;
type Found = { readonly events: readonly SourceEvent[] } | Refusal | string;

const PULL_REQUEST_EVENTS: Readonly<Record<string, PullRequestEvent['event']>> = {
  'pullrequest:created': 'OPEN',
  // Of a new title as well: nothing in it says what was updated.
  'pullrequest:updated': 'UPDATED',
  'pullrequest:fulfilled': 'MERGED',
  'pullrequest:rejected': 'CLOSED',
};

function eventsIn(name: string, delivery: VerifiedDelivery): Found {
  if (name === 'repo:push') return pushesIn(delivery);
  const event = Object.hasOwn(PULL_REQUEST_EVENTS, name) ? PULL_REQUEST_EVENTS[name] : undefined;
  return event === undefined ? `Nothing follows from "${name.slice(0, 100)}".` : pullRequestIn(delivery, event);
}

const LINKS = z.object({ html: z.object({ href: z.string().nullish() }).nullish() }).nullish();
const REPOSITORY = z.object({ full_name: NAME, uuid: ID });
const ACTOR = z
  .object({ account_id: ID.nullish(), uuid: ID.nullish(), nickname: NAME.nullish(), display_name: NAME.nullish() })
  .nullish();

const REF = z.object({
  type: z.string(),
  name: z.string(),
  target: z.object({ hash: SHA, message: TEXT.nullish(), date: z.string().nullish(), links: LINKS }),
});

const PUSH = z.object({
  actor: ACTOR,
  repository: REPOSITORY,
  push: z.object({
    changes: z.object({ new: REF.nullish(), old: REF.nullish(), links: LINKS }).array().max(1_000),
  }),
});

/** One push may move several branches. It says nothing about files. */
function pushesIn(delivery: VerifiedDelivery): Found {
  const read = readPayload(delivery, PUSH);
  if (!read.ok) return read;
  const { repository, actor, push } = read.value;
  const events = push.changes.flatMap(({ new: now, old, links }): PushEvent[] => {
    const ref = refIn(now ?? old);
    if (ref === undefined) return [];
    return [
      {
        kind: 'push',
        repository: repositoryOf(repository),
        ref,
        ...(old ? { before: old.target.hash } : {}),
        ...(now ? { after: commitOf(now.target) } : {}),
        actor: actorOf(actor),
        ...linkOf(links?.html?.href),
      },
    ];
  });
  return events.length === 0 ? 'What was pushed is neither a branch nor a tag.' : { events };
}

function refIn(ref: z.infer<typeof REF> | null | undefined): PushEvent['ref'] | undefined {
  if (ref?.type !== 'branch' && ref?.type !== 'tag') return undefined;
  return refOf(`refs/${ref.type === 'branch' ? 'heads' : 'tags'}/${ref.name}`);
}

function commitOf({ hash: id, message, date, links }: z.infer<typeof REF>['target']): Commit {
  return {
    id,
    ...(typeof message === 'string' ? { message } : {}),
    ...linkOf(links?.html?.href),
    ...instantOf(date),
  };
}

const SIDE = z.object({
  branch: z.object({ name: z.string() }),
  /** Only its beginning; the host knows the rest. */
  commit: z.object({ hash: z.string().regex(/^[0-9a-f]{7,64}$/, 'it must be the id of a commit') }).nullish(),
  repository: REPOSITORY.nullish(),
});

const PULL_REQUEST = z.object({
  actor: ACTOR,
  repository: REPOSITORY,
  pullrequest: z.object({
    id: z.number().int(),
    title: TEXT,
    draft: z.boolean().nullish(),
    source: SIDE,
    destination: SIDE,
    links: LINKS,
  }),
});

function pullRequestIn(delivery: VerifiedDelivery, event: PullRequestEvent['event']): Found {
  const read = readPayload(delivery, PULL_REQUEST);
  if (!read.ok) return read;
  const { repository, actor, pullrequest } = read.value;
  const { id: number, title, draft, source, destination, links } = pullrequest;
  const [branch, target] = [source.branch.name, destination.branch.name];
  if (!isRefName(branch) || !isRefName(target)) return { ok: false, message: 'A branch has no name of one.' };
  if (!source.commit) return 'The pull request has no commit any more.';
  const base = destination.commit?.hash;
  const pullRequest: PullRequestEvent = {
    kind: 'pullRequest',
    repository: repositoryOf(repository),
    event,
    number,
    title,
    ...linkOf(links?.html?.href),
    head: {
      branch,
      commit: { id: source.commit.hash },
      // Of a fork that is gone nothing is known.
      repository: source.repository ? repositoryOf(source.repository) : { name: 'unknown/unknown' },
    },
    base: { branch: target, ...(base === undefined ? {} : { commit: base }) },
    isFork: source.repository?.uuid !== repository.uuid,
    isDraft: draft ?? false,
    actor: actorOf(actor),
  };
  return { events: [pullRequest] };
}

function repositoryOf({ full_name: name, uuid: id }: z.infer<typeof REPOSITORY>): RepositoryRef {
  return { name, id };
}

function actorOf(actor: z.infer<typeof ACTOR>): EventActor {
  const id = actor?.account_id ?? actor?.uuid;
  return { ...(id ? { id } : {}), name: actor?.nickname ?? actor?.display_name ?? 'unknown' };
}
