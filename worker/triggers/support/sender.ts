import type { HookKind, RawDelivery } from '../trigger-source.ts';

const NAMES: Readonly<Record<HookKind, string>> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  bitbucket: 'Bitbucket Cloud',
  'bitbucket-dc': 'Bitbucket Data Center',
  gitea: 'Gitea or Forgejo',
  'azure-devops': 'Azure DevOps',
  standard: 'somebody who signs as Standard Webhooks says',
  sns: 'Amazon SNS',
  eventbridge: 'Amazon EventBridge',
  registry: 'a registry of images',
};

/** The order matters: Gitea and Forgejo send copies of GitHub's headers, and Bitbucket Data Center some of Bitbucket Cloud's. */
const MARKS: readonly (readonly [kind: HookKind, headers: readonly string[]])[] = [
  ['gitea', ['x-forgejo-event']],
  ['gitea', ['x-gitea-event']],
  ['gitlab', ['x-gitlab-event']],
  ['bitbucket', ['x-event-key', 'x-hook-uuid']],
  ['bitbucket-dc', ['x-event-key']],
  ['github', ['x-github-event']],
  ['sns', ['x-amz-sns-message-type']],
];

/** Whose headers these are, if they are somebody's that can be told by them. */
export function senderOf({ headers }: Pick<RawDelivery, 'headers'>): HookKind | undefined {
  return MARKS.find(([, names]) => names.every((name) => Object.hasOwn(headers, name)))?.[0];
}

/** What to say when a delivery comes from another kind of sender than the hook is for. */
export function refusalOfOther(kind: HookKind, delivery: Pick<RawDelivery, 'headers'>): string | undefined {
  const sender = senderOf(delivery);
  if (sender === undefined || sender === kind) return undefined;
  return `This hook is for ${NAMES[kind]}, but the delivery has the headers of ${NAMES[sender]}.`;
}
