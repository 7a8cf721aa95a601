import type { Hook, NewHook } from '#lib/api/contract.ts';
import type { Mark } from '#lib/features/deliveries/delivery-view.ts';

export const hookKinds: readonly {
  readonly kind: NewHook['kind'];
  readonly label: string;
  readonly about: string;
}[] = [
  { kind: 'standard', label: 'Signed webhook', about: 'Anything that signs as Standard Webhooks says.' },
  { kind: 'sns', label: 'Amazon SNS', about: 'Messages of topics that are on its list.' },
  { kind: 'eventbridge', label: 'Amazon EventBridge', about: 'Events of CodeCommit, S3, ECR, or your own.' },
  { kind: 'registry', label: 'Container registry', about: 'A registry that notifies of pushed images.' },
];

/** What matters most about it. */
export function hookMark(hook: Hook): Mark {
  const { backlog, lastDeliveryAt } = hook;
  const [last] = unverifiedOf(hook);
  if (backlog > 0) return { tone: 'ask', word: `${backlog} on the way` };
  if (last !== undefined && lastDeliveryAt === null) return { tone: 'bad', word: 'Not signed right' };
  // What is right does come: somebody else may have found the address.
  if (last !== undefined && lastDeliveryAt !== null && last.at > lastDeliveryAt) {
    return { tone: 'ask', word: 'The last was not signed right' };
  }
  return lastDeliveryAt === null ? { tone: 'idle', word: 'No delivery yet' } : { tone: 'ok', word: 'Delivers' };
}

/** Newest first. */
export function unverifiedOf({ unverified }: Pick<Hook, 'unverified'>): Hook['unverified'] {
  return [...unverified].sort((one, other) => other.at.localeCompare(one.at));
}

/** What somebody has typed; empty: nothing. */
export interface HookForm {
  readonly kind: NewHook['kind'];
  readonly name: string;
  readonly topics: string;
  readonly connection: string;
}

export const emptyHook: HookForm = { kind: 'standard', name: '', topics: '', connection: '' };

export function newHook({ kind, name, topics, connection }: HookForm): NewHook {
  const list = topics.split(/[\s,]+/).filter((topic) => topic !== '');
  return {
    kind,
    name: name.trim(),
    ...(kind === 'sns' && list.length > 0 ? { topics: list } : {}),
    ...(kind === 'eventbridge' && connection !== '' ? { connection } : {}),
  };
}

export interface HookGuide {
  readonly steps: readonly string[];
  /** As the sender takes it. Undefined: SNS signs with a key of its own. */
  readonly secret: string | undefined;
  /** What the sender puts into its headers. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export function hookGuide(kind: NewHook['kind'], secret: string): HookGuide {
  switch (kind) {
    case 'standard':
      return {
        secret: secret.startsWith('whsec_') ? secret : `whsec_${secret}`,
        steps: [
          'Give the sender the address and the secret; a library for Standard Webhooks takes it as it is.',
          'It sends webhook-id, webhook-timestamp (seconds since 1970) and webhook-signature: "v1," and the base64 of HMAC-SHA256 over the first two and the body, joined by dots.',
          'A pipeline starts with it once a webhook trigger names this hook.',
        ],
        headers: [],
      };
    case 'sns':
      return {
        secret: undefined,
        steps: [
          'Subscribe the address to each topic on the list, with the protocol HTTPS.',
          'Leave raw message delivery off: raw messages are not signed.',
          'The subscription is confirmed by itself, and is listed here as the first delivery.',
        ],
        headers: [],
      };
    case 'eventbridge':
      return {
        secret,
        steps: [
          'Make an EventBridge connection with the authorization type API key, and the header below.',
          'Make an API destination with that connection, the address, and the method POST.',
          'Make it the target of a rule, with the whole event as its input.',
        ],
        headers: [{ name: 'x-millrace-secret', value: secret }],
      };
    case 'registry':
      return {
        secret,
        steps: [
          'Name the address as an endpoint for notifications of the registry, with the header below.',
          'Pushed images then start pipelines whose source watches their repository.',
        ],
        headers: [{ name: 'Authorization', value: `Bearer ${secret}` }],
      };
  }
}
