import { z } from 'zod';
import type { Commit, EventActor, PullRequestEvent, PushEvent } from '../engine/source-event.ts';
import { signingKey } from '../kernel/signing-key.ts';
import { changedFiles } from './support/changed-files.ts';
import type { EventRead } from './support/event-read.ts';
import { deliveryId, ID, instantOf, isNothing, linkOf, NAME, readPayload, SHA, TEXT } from './support/payload.ts';
import { isRefName, refOf } from './support/ref.ts';
import { verifyShown } from './support/shown-secret.ts';
import { verifyStandard } from './support/standard-signature.ts';
import type { TriggerSource, VerifiedDelivery } from './trigger-source.ts';

/** GitLab signs since version 19, as Standard Webhooks says; without a signing token it shows the secret, which nothing ties to the body. */
export const gitLabTrigger: TriggerSource = {
  kind: 'gitlab',
  verify: async (raw, secrets, { now }) => {
    const token = raw.headers['x-gitlab-token'];
    // What is signed is never let in by less.
    if (raw.headers['webhook-signature'] === undefined) {
      const shown = token === '' ? undefined : token;
      return verifyShown('gitlab', raw, secrets, { header: 'X-Gitlab-Token', shown });
    }
    const keys = await Promise.all(secrets.filter((secret) => secret !== '').map(signingKey));
    return verifyStandard('gitlab', raw, keys, now);
  },
  parse: (delivery) => {
    const kind = readPayload(delivery, ENVELOPE);
    if (!kind.ok) return kind;
    const { object_kind: name } = kind.value;
    const id = deliveryId(delivery, 'webhook-id', 'idempotency-key', 'x-gitlab-event-uuid');
    const about = { deliveryId: id, name: name.slice(0, 100) };
    const read = eventIn(name, delivery);
    if (typeof read === 'string') return { ok: true, parsed: { ...about, events: [], ignored: read } };
    return read.ok ? { ok: true, parsed: { ...about, events: [read.event] } } : read;
  },
};

const ENVELOPE = z.object({ object_kind: z.string().min(1) });

function eventIn(name: string, delivery: VerifiedDelivery): EventRead | string {
  switch (name) {
    case 'push':
    case 'tag_push':
      return pushIn(delivery);
    case 'merge_request':
      return mergeRequestIn(delivery);
    default:
      return `Nothing follows from "${name.slice(0, 100)}".`;
  }
}

const PATHS = z.string().array().nullish();
const COMMIT = z.object({
  id: SHA,
  message: TEXT.nullish(),
  url: z.string().nullish(),
  timestamp: z.string().nullish(),
  added: PATHS,
  removed: PATHS,
  modified: PATHS,
});
const PROJECT = z.object({ id: ID, path_with_namespace: NAME });

const PUSH = z.object({
  ref: z.string(),
  before: SHA,
  after: SHA,
  checkout_sha: SHA.nullish(),
  user_id: ID.nullish(),
  user_username: NAME.nullish(),
  user_name: NAME.nullish(),
  project: PROJECT,
  commits: COMMIT.array().nullish(),
});

function pushIn(delivery: VerifiedDelivery): EventRead | string {
  const read = readPayload(delivery, PUSH);
  if (!read.ok) return read;
  const { ref: name, before, after, project, user_id: id, user_username: login, user_name: fullName } = read.value;
  const ref = refOf(name);
  if (ref === undefined) return 'What was pushed is neither a branch nor a tag.';
  const event: PushEvent = {
    kind: 'push',
    repository: { name: project.path_with_namespace, id: project.id },
    ref,
    ...(isNothing(before) ? {} : { before }),
    ...(isNothing(after) ? {} : { after: commitOf(read.value) }),
    ...filesOf(ref, read.value),
    actor: { ...(id ? { id } : {}), name: login ?? fullName ?? 'unknown' },
  };
  return { ok: true, event };
}

/** Of an annotated tag `after` is the tag itself, and what it is a tag of is what can be checked out. */
function commitOf({ after, checkout_sha: checkout, commits }: z.infer<typeof PUSH>): Commit {
  const id = checkout ?? after;
  const commit = commits?.find((one) => one.id === id);
  return commit === undefined ? { id } : describedCommit(commit);
}

function describedCommit({ id, message, url, timestamp }: z.infer<typeof COMMIT>): Commit {
  return { id, ...(typeof message === 'string' ? { message } : {}), ...linkOf(url), ...instantOf(timestamp) };
}

/** The newest twenty commits are listed. Nothing says that somebody pushed over others' commits, so no list is taken for all there is. */
function filesOf(
  { kind }: PushEvent['ref'],
  { before, after, commits }: z.infer<typeof PUSH>,
): Pick<PushEvent, 'files'> {
  if (kind === 'tag' || isNothing(before) || isNothing(after)) return {};
  return { files: changedFiles(commits ?? [], false) };
}

const MERGE_REQUEST = z.object({
  user: z.object({ id: ID.nullish(), username: NAME.nullish(), name: NAME.nullish() }).nullish(),
  project: PROJECT,
  object_attributes: z.object({
    iid: z.number().int(),
    title: TEXT,
    url: z.string().nullish(),
    action: z.string().nullish(),
    /** Only of updates that brought other commits. */
    oldrev: SHA.nullish(),
    draft: z.boolean().nullish(),
    work_in_progress: z.boolean().nullish(),
    source_branch: z.string(),
    target_branch: z.string(),
    source_project_id: ID.nullish(),
    target_project_id: ID,
    source: z.object({ path_with_namespace: NAME }).nullish(),
    last_commit: COMMIT.nullish(),
  }),
});

function mergeRequestIn(delivery: VerifiedDelivery): EventRead | string {
  const read = readPayload(delivery, MERGE_REQUEST);
  if (!read.ok) return read;
  const { project, user, object_attributes: request } = read.value;
  const { iid: number, title, url, source, source_project_id: from, last_commit: commit } = request;
  const event = eventOf(request);
  if (event === undefined) {
    return `Nothing follows from a merge request after "${(request.action ?? '').slice(0, 100)}" without new commits.`;
  }
  const { source_branch: branch, target_branch: target } = request;
  if (!isRefName(branch) || !isRefName(target)) return { ok: false, message: 'A branch has no name of one.' };
  if (!commit) return 'The merge request has no commits.';
  const pullRequest: PullRequestEvent = {
    kind: 'pullRequest',
    repository: { name: project.path_with_namespace, id: project.id },
    event,
    number,
    title,
    ...linkOf(url),
    head: {
      branch,
      commit: describedCommit(commit),
      // Of a fork that is gone nothing is known.
      repository: { name: source?.path_with_namespace ?? 'unknown/unknown', ...(from ? { id: from } : {}) },
    },
    base: { branch: target },
    isFork: from !== request.target_project_id,
    isDraft: request.draft ?? request.work_in_progress ?? false,
    actor: actorOf(user),
  };
  return { ok: true, event: pullRequest };
}

function eventOf({
  action,
  oldrev,
}: z.infer<typeof MERGE_REQUEST>['object_attributes']): PullRequestEvent['event'] | undefined {
  switch (action) {
    case 'open':
    case 'reopen':
      return 'OPEN';
    case 'update':
      return oldrev ? 'UPDATED' : undefined;
    case 'close':
      return 'CLOSED';
    case 'merge':
      return 'MERGED';
    default:
      return undefined;
  }
}

function actorOf(user: z.infer<typeof MERGE_REQUEST>['user']): EventActor {
  return { ...(user?.id ? { id: user.id } : {}), name: user?.username ?? user?.name ?? 'unknown' };
}
