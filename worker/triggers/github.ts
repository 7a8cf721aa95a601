import { z } from 'zod';
import type { Commit, PushEvent } from '../engine/source-event.ts';
import { changedFiles } from './support/changed-files.ts';
import type { EventRead } from './support/event-read.ts';
import { actorOf, pullRequestIn, REPOSITORY, repositoryOf, SENDER } from './support/hub-payload.ts';
import { verifySha256 } from './support/hub-signature.ts';
import { deliveryId, instantOf, isForm, isNothing, linkOf, NAME, readPayload, SHA, TEXT } from './support/payload.ts';
import { refOf } from './support/ref.ts';
import type { TriggerSource, VerifiedDelivery } from './trigger-source.ts';

/** GitHub, and GitHub Enterprise Server, which adds headers and nothing else. */
export const gitHubTrigger: TriggerSource = {
  kind: 'github',
  verify: (raw, secrets) => verifySha256('github', raw, secrets, 'X-Hub-Signature-256'),
  parse: (delivery) => {
    if (isForm(delivery)) {
      return { ok: false, message: 'The body is a form: set the content type of the webhook to application/json.' };
    }
    const name = delivery.headers['x-github-event'];
    if (name === undefined) return { ok: false, message: 'There is no X-GitHub-Event.' };
    const about = { deliveryId: deliveryId(delivery, 'x-github-delivery'), name: name.slice(0, 100) };
    const read = eventIn(name, delivery);
    if (typeof read === 'string') return { ok: true, parsed: { ...about, events: [], ignored: read } };
    return read.ok ? { ok: true, parsed: { ...about, events: [read.event] } } : read;
  },
};

/** What stands in it, or why that is of no interest. */
function eventIn(name: string, delivery: VerifiedDelivery): EventRead | string {
  switch (name) {
    case 'push':
      return pushIn(delivery);
    case 'pull_request':
      return pullRequestIn(delivery);
    case 'ping':
      return 'GitHub tries out the new webhook; all is well.';
    case 'create':
    case 'delete':
      return `A push says the same as "${name}", and more.`;
    default:
      return `Nothing follows from "${name.slice(0, 100)}".`;
  }
}

const PATHS = z.string().array().nullish();
const FILES = z.object({ added: PATHS, removed: PATHS, modified: PATHS });

const PUSH = z.object({
  ref: z.string(),
  before: SHA,
  after: SHA,
  created: z.boolean().optional(),
  forced: z.boolean().optional(),
  compare: z.string().nullish(),
  head_commit: z
    .object({ id: SHA, message: TEXT.nullish(), url: z.string().nullish(), timestamp: z.string().nullish() })
    .nullish(),
  commits: FILES.array().nullish(),
  repository: REPOSITORY,
  sender: SENDER.nullish(),
  pusher: z.object({ name: NAME.nullish() }).nullish(),
});

/** GitHub leaves out the commits beyond. */
const COMMITS_MAX = 2_048;

function pushIn(delivery: VerifiedDelivery): EventRead | string {
  const read = readPayload(delivery, PUSH);
  if (!read.ok) return read;
  const { ref: name, before, after, head_commit: head, compare, sender, pusher } = read.value;
  const ref = refOf(name);
  if (ref === undefined) return 'What was pushed is neither a branch nor a tag.';
  const event: PushEvent = {
    kind: 'push',
    repository: repositoryOf(read.value.repository),
    ref,
    ...(isNothing(before) ? {} : { before }),
    ...(isNothing(after) ? {} : { after: commitOf(after, head) }),
    ...filesOf(ref, read.value),
    actor: actorOf(sender, pusher?.name ?? 'unknown'),
    ...linkOf(compare),
  };
  return { ok: true, event };
}

/** Of an annotated tag `after` is the tag itself, which nobody can check out by that name. */
function commitOf(after: string, head: z.infer<typeof PUSH>['head_commit']): Commit {
  if (head === null || head === undefined) return { id: after };
  const { id, message, url, timestamp } = head;
  return { id, ...(typeof message === 'string' ? { message } : {}), ...linkOf(url), ...instantOf(timestamp) };
}

/** The commits tell what was changed only when they are all there is between before and after. */
function filesOf(
  { kind }: PushEvent['ref'],
  { before, after, created, forced, commits }: z.infer<typeof PUSH>,
): Pick<PushEvent, 'files'> {
  const isNew = created === true || isNothing(before);
  if (kind === 'tag' || isNew || forced === true || isNothing(after)) return {};
  const all = commits ?? [];
  return { files: changedFiles(all, all.length > 0 && all.length < COMMITS_MAX) };
}
