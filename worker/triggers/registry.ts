import { azureDevOpsTrigger } from './azure-devops.ts';
import { bitbucketDcTrigger } from './bitbucket-dc.ts';
import { bitbucketTrigger } from './bitbucket.ts';
import { eventBridgeTrigger } from './eventbridge.ts';
import { giteaTrigger } from './gitea.ts';
import { gitHubTrigger } from './github.ts';
import { gitLabTrigger } from './gitlab.ts';
import { registryTrigger } from './registry-push.ts';
import { snsTrigger } from './sns.ts';
import { standardTrigger } from './standard.ts';
import type { HookKind, TriggerSource } from './trigger-source.ts';

/** Every kind of sender; a new one takes a file beside this, and a line here. */
const TRIGGERS: readonly TriggerSource[] = [
  gitHubTrigger,
  gitLabTrigger,
  bitbucketTrigger,
  bitbucketDcTrigger,
  giteaTrigger,
  azureDevOpsTrigger,
  standardTrigger,
  snsTrigger,
  eventBridgeTrigger,
  registryTrigger,
];

export const triggerRegistry: ReadonlyMap<HookKind, TriggerSource> = new Map(
  TRIGGERS.map((trigger) => [trigger.kind, trigger]),
);
