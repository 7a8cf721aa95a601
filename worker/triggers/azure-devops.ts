import { z } from 'zod';
import type { EventActor, PullRequestEvent, PushEvent, RepositoryRef, SourceEvent } from '../engine/source-event.ts';
import { deliveryId, ID, isNothing, NAME, readPayload, SHA, TEXT } from './support/payload.ts';
import { refOf } from './support/ref.ts';
import { refusalOfOther } from './support/sender.ts';
import { isOneOf } from './support/signature.ts';
import {
  asVerified,
  DELIVERY_MAX_BYTES,
  type ParseResult,
  type TriggerSource,
  type VerifiedDelivery,
} from './trigger-source.ts';

/**
 * Service hooks of Azure DevOps sign nothing: they show the secret as the password of Basic authentication. That is weak: whoever
 * sees one delivery can make others, and nothing ties the secret to the body. It is all that Azure DevOps has.
 */
export const azureDevOpsTrigger: TriggerSource = {
  kind: 'azure-devops',
  verify: async (raw, secrets) => {
    const other = refusalOfOther('azure-devops', raw);
    if (other !== undefined) return { ok: false, message: other };
    if (raw.body.byteLength > DELIVERY_MAX_BYTES) return { ok: false, message: 'The body is larger than 25 MiB.' };
    const password = passwordIn(raw.headers['authorization']);
    if (password === undefined) {
      const message = 'The delivery shows no secret: give the service hook a password for basic authentication.';
      return { ok: false, message };
    }
    if (await isOneOf(secrets, password)) return asVerified(raw);
    return { ok: false, message: 'The password of the service hook is not the secret of this hook.' };
  },
  parse: (delivery) => {
    const read = readPayload(delivery, ENVELOPE);
    if (!read.ok) return read;
    const { id, eventType: name } = read.value;
    const about = { deliveryId: id ?? deliveryId(delivery), name: name.slice(0, 100) };
    const found = eventsIn(name, delivery);
    if (typeof found === 'string') return { ok: true, parsed: { ...about, events: [], ignored: found } };
    return 'ok' in found ? found : { ok: true, parsed: { ...about, events: found.events } };
  },
};

/** Basic authentication (RFC 7617). Who the user is does not matter. */
function passwordIn(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const [, password] = /^[^:]*:(.+)$/s.exec(new TextDecoder().decode(bytes)) ?? [];
    return password;
  } catch {
    return undefined;
  }
}

const ENVELOPE = z.object({ id: z.string().min(1).max(200).optional(), eventType: z.string() });

type Refusal = Extract<ParseResult, { ok: false }>;
type Found = { readonly events: readonly SourceEvent[] } | Refusal | string;

function eventsIn(name: string, delivery: VerifiedDelivery): Found {
  switch (name) {
    case 'git.push':
      return pushesIn(delivery);
    case 'git.pullrequest.created':
    case 'git.pullrequest.updated':
      return pullRequestIn(delivery, name === 'git.pullrequest.created');
    default:
      return `Nothing follows from "${name.slice(0, 100)}".`;
  }
}

const REPOSITORY = z.object({ id: ID, name: NAME, project: z.object({ name: NAME }) });
const IDENTITY = z.object({ id: ID, displayName: NAME.nullish() });

const PUSH = z.object({
  resource: z.object({
    refUpdates: z.object({ name: z.string(), oldObjectId: SHA, newObjectId: SHA }).array().max(1_000),
    commits: z.object({ commitId: SHA, comment: TEXT.nullish() }).array().nullish(),
    repository: REPOSITORY,
    pushedBy: IDENTITY.nullish(),
  }),
});

/** One push may move several branches. It says nothing about files. */
function pushesIn(delivery: VerifiedDelivery): Found {
  const read = readPayload(delivery, PUSH);
  if (!read.ok) return read;
  const { refUpdates, commits, repository, pushedBy } = read.value.resource;
  const messages = new Map((commits ?? []).map(({ commitId, comment }) => [commitId, comment ?? undefined]));
  const events = refUpdates.flatMap(({ name, oldObjectId: before, newObjectId: after }): PushEvent[] => {
    const ref = refOf(name);
    if (ref === undefined) return [];
    const message = messages.get(after);
    return [
      {
        kind: 'push',
        repository: repositoryOf(repository),
        ref,
        ...(isNothing(before) ? {} : { before }),
        ...(isNothing(after) ? {} : { after: { id: after, ...(message === undefined ? {} : { message }) } }),
        actor: actorOf(pushedBy),
      },
    ];
  });
  return events.length === 0 ? 'What was pushed is neither a branch nor a tag.' : { events };
}

const PULL_REQUEST = z.object({
  resource: z.object({
    repository: REPOSITORY,
    pullRequestId: z.number().int(),
    status: z.string(),
    title: TEXT,
    isDraft: z.boolean().nullish(),
    createdBy: IDENTITY.nullish(),
    sourceRefName: z.string(),
    targetRefName: z.string(),
    lastMergeSourceCommit: z.object({ commitId: SHA }).nullish(),
    lastMergeTargetCommit: z.object({ commitId: SHA }).nullish(),
    forkSource: z.object({ repository: REPOSITORY }).nullish(),
  }),
});

function pullRequestIn(delivery: VerifiedDelivery, isNew: boolean): Found {
  const read = readPayload(delivery, PULL_REQUEST);
  if (!read.ok) return read;
  const { resource } = read.value;
  const { pullRequestId: number, repository, title, isDraft, createdBy, forkSource } = resource;
  const event = isNew ? 'OPEN' : eventOf(resource.status);
  if (event === undefined) return `Nothing follows from a pull request that is "${resource.status.slice(0, 100)}".`;
  const [head, base] = [refOf(resource.sourceRefName), refOf(resource.targetRefName)];
  if (head === undefined || base === undefined) return { ok: false, message: 'A branch has no name of one.' };
  if (!resource.lastMergeSourceCommit) return 'Azure DevOps does not know yet which commit is to be merged.';
  const target = resource.lastMergeTargetCommit?.commitId;
  const pullRequest: PullRequestEvent = {
    kind: 'pullRequest',
    repository: repositoryOf(repository),
    event,
    number,
    title,
    head: {
      branch: head.name,
      commit: { id: resource.lastMergeSourceCommit.commitId },
      repository: repositoryOf(forkSource?.repository ?? repository),
    },
    base: { branch: base.name, ...(target === undefined ? {} : { commit: target }) },
    isFork: forkSource !== null && forkSource !== undefined,
    isDraft: isDraft ?? false,
    // Who updated it stands in no field; its author may have been somebody else, and must not be taken for them.
    actor: isNew ? actorOf(createdBy) : { name: 'unknown' },
  };
  return { events: [pullRequest] };
}

/** Hooks are set up for pushes and changes of status alone; a vote cannot be told from them. */
function eventOf(status: string): PullRequestEvent['event'] | undefined {
  switch (status) {
    case 'active':
      return 'UPDATED';
    case 'completed':
      return 'MERGED';
    case 'abandoned':
      return 'CLOSED';
    default:
      return undefined;
  }
}

function repositoryOf({ id, name, project }: z.infer<typeof REPOSITORY>): RepositoryRef {
  return { name: `${project.name}/${name}`, id };
}

function actorOf(identity: z.infer<typeof IDENTITY> | null | undefined): EventActor {
  return identity ? { id: identity.id, name: identity.displayName ?? identity.id } : { name: 'unknown' };
}
