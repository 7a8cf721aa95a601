import { z } from 'zod';
import type { CustomEvent } from '../engine/source-event.ts';
import { NAME, readPayload, TEXT } from './support/payload.ts';
import { verifyShown } from './support/shown-secret.ts';
import type { TriggerSource } from './trigger-source.ts';

const EVENTS_MAX = 100;
const TAG = z.string().min(1).max(300);
const DIGEST = z.string().max(200).nullish();

/** The Distribution registry, and what is built on it (distribution.github.io, "Work with notifications"). */
const DISTRIBUTION = z.object({
  events: z
    .array(
      z.object({
        id: z.string().min(1).max(200),
        action: z.string(),
        target: z.object({ repository: NAME, tag: TAG.nullish(), digest: DIGEST }),
        actor: z.object({ name: TEXT.nullish() }).nullish(),
      }),
    )
    .max(EVENTS_MAX),
});
/** docs.docker.com, "Webhooks". */
const DOCKER_HUB = z.object({
  push_data: z.object({ tag: TAG, pusher: TEXT.nullish(), pushed_at: z.number().nullish() }),
  repository: z.object({ repo_name: NAME }),
});
/** goharbor.io, "Configure Webhook Notifications". */
const HARBOR = z.object({
  type: z.string(),
  operator: TEXT.nullish(),
  event_data: z.object({
    resources: z.array(z.object({ tag: TAG.nullish(), digest: DIGEST })).max(EVENTS_MAX),
    repository: z.object({ repo_full_name: NAME }),
  }),
});

interface Pushed {
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string | null | undefined;
  readonly by?: string | null | undefined;
}

/**
 * Pushes to registries of images: triggers see them as webhooks of the type `push` with `$.repository`, `$.tag` and `$.digest`. None of
 * these senders signs; the secret comes as a bearer token, as a header's whole value, or as the password of Basic authentication.
 */
export const registryTrigger: TriggerSource = {
  kind: 'registry',
  verify: (raw, secrets) =>
    verifyShown('registry', raw, secrets, { header: 'Authorization', shown: shownIn(raw.headers['authorization']) }),
  parse(delivery) {
    const read = readPayload(delivery, z.union([DISTRIBUTION, DOCKER_HUB, HARBOR]));
    if (!read.ok) return { ok: false, message: 'The body is no notification of a registry that is known here.' };
    const pushed = pushedIn(read.value);
    const about = { deliveryId: idOf(read.value) ?? delivery.bodyHash, name: 'push' };
    if (pushed.length === 0) {
      return { ok: true, parsed: { ...about, events: [], ignored: 'No image with a tag was pushed.' } };
    }
    return { ok: true, parsed: { ...about, events: pushed.map(eventOf) } };
  },
};

function shownIn(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization === '') return undefined;
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(.+)$/i.exec(authorization) ?? [];
  if (scheme === '') return authorization;
  if (scheme.toLowerCase() === 'bearer') return value;
  try {
    return atob(value).split(':').slice(1).join(':');
  } catch {
    return value;
  }
}

type Notification = z.infer<typeof DISTRIBUTION> | z.infer<typeof DOCKER_HUB> | z.infer<typeof HARBOR>;

function idOf(notification: Notification): string | undefined {
  return 'events' in notification ? notification.events[0]?.id : undefined;
}

function pushedIn(notification: Notification): readonly Pushed[] {
  if ('events' in notification) {
    return notification.events.flatMap(({ action, target, actor }) =>
      action === 'push' && target.tag ? [{ ...target, tag: target.tag, by: actor?.name }] : [],
    );
  }
  if ('push_data' in notification) {
    const { push_data: push, repository } = notification;
    return [{ repository: repository.repo_name, tag: push.tag, by: push.pusher }];
  }
  const { type, operator, event_data: data } = notification;
  if (type !== 'PUSH_ARTIFACT') return [];
  const repository = data.repository.repo_full_name;
  return data.resources.flatMap(({ tag, digest }) => (tag ? [{ repository, tag, digest, by: operator }] : []));
}

function eventOf({ repository, tag, digest, by }: Pushed): CustomEvent {
  const payload = JSON.stringify({ repository, tag, ...(digest ? { digest } : {}) });
  return { kind: 'custom', type: 'push', payload, actor: { name: by ?? 'registry' } };
}
