import { z } from 'zod';
import type { Commit, PushEvent } from '../engine/source-event.ts';
import { changedFiles } from './support/changed-files.ts';
import type { EventRead } from './support/event-read.ts';
import { actorOf, pullRequestIn, REPOSITORY, repositoryOf, SENDER } from './support/hub-payload.ts';
import { verifyHex } from './support/hub-signature.ts';
import { deliveryId, instantOf, isForm, isNothing, linkOf, readPayload, SHA, TEXT } from './support/payload.ts';
import { refOf } from './support/ref.ts';
import type { TriggerSource, VerifiedDelivery } from './trigger-source.ts';

/** Gitea, and Forgejo, which sends Gitea's headers along with its own. */
export const giteaTrigger: TriggerSource = {
  kind: 'gitea',
  verify: (raw, secrets) => {
    const hex = raw.headers['x-forgejo-signature'] ?? raw.headers['x-gitea-signature'];
    // Without a secret the header is there, and empty.
    return verifyHex('gitea', raw, secrets, { header: 'X-Gitea-Signature', hex: hex === '' ? undefined : hex });
  },
  parse: (delivery) => {
    if (isForm(delivery)) {
      return { ok: false, message: 'The body is a form: set the content type of the webhook to application/json.' };
    }
    const name = delivery.headers['x-forgejo-event'] ?? delivery.headers['x-gitea-event'];
    if (name === undefined) return { ok: false, message: 'There is no X-Gitea-Event.' };
    const id = deliveryId(delivery, 'x-forgejo-delivery', 'x-gitea-delivery');
    const about = { deliveryId: id, name: name.slice(0, 100) };
    const read = eventIn(name, delivery);
    if (typeof read === 'string') return { ok: true, parsed: { ...about, events: [], ignored: read } };
    return read.ok ? { ok: true, parsed: { ...about, events: [read.event] } } : read;
  },
};

function eventIn(name: string, delivery: VerifiedDelivery): EventRead | string {
  switch (name) {
    case 'push':
      return pushIn(delivery);
    case 'pull_request':
      return pullRequestIn(delivery);
    case 'create':
    case 'delete':
      return `"${name}" starts nothing; what is created comes with a push.`;
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

const PUSH = z.object({
  ref: z.string(),
  before: SHA,
  after: SHA,
  compare_url: z.string().nullish(),
  commits: COMMIT.array().nullish(),
  total_commits: z.number().int().nullish(),
  head_commit: COMMIT.nullish(),
  repository: REPOSITORY,
  sender: SENDER.nullish(),
});

function pushIn(delivery: VerifiedDelivery): EventRead | string {
  const read = readPayload(delivery, PUSH);
  if (!read.ok) return read;
  const { ref: name, before, after, head_commit: head, compare_url: url, sender } = read.value;
  if (before === after) return 'Somebody tries out the webhook; all is well.';
  const ref = refOf(name);
  if (ref === undefined) return 'What was pushed is neither a branch nor a tag.';
  const event: PushEvent = {
    kind: 'push',
    repository: repositoryOf(read.value.repository),
    ref,
    ...(isNothing(before) ? {} : { before }),
    ...(isNothing(after) ? {} : { after: commitOf(after, head) }),
    ...filesOf(ref, read.value),
    actor: actorOf(sender, 'unknown'),
    ...linkOf(url),
  };
  return { ok: true, event };
}

/** Of an annotated tag `after` is the tag itself. */
function commitOf(after: string, head: z.infer<typeof COMMIT> | null | undefined): Commit {
  if (!head) return { id: after };
  const { id, message, url, timestamp } = head;
  return { id, ...(typeof message === 'string' ? { message } : {}), ...linkOf(url), ...instantOf(timestamp) };
}

/**
 * Only the newest commits are listed, and `total_commits` says how many there are. Nothing says that somebody pushed over others'
 * commits: what went away with them is in no list, so none that is sent is taken for all.
 */
function filesOf(
  { kind }: PushEvent['ref'],
  { before, after, commits }: z.infer<typeof PUSH>,
): Pick<PushEvent, 'files'> {
  if (kind === 'tag' || isNothing(before) || isNothing(after)) return {};
  return { files: changedFiles(commits ?? [], false) };
}
