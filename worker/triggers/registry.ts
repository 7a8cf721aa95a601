import { azureDevOpsTrigger } from './azure-devops.ts';
import { giteaTrigger } from './gitea.ts';
import { gitHubTrigger } from './github.ts';
import type { HookKind, TriggerSource } from './trigger-source.ts';

/** Every kind of sender; a new one takes a file beside this, and a line here. */
const TRIGGERS: readonly TriggerSource[] = [gitHubTrigger, giteaTrigger, azureDevOpsTrigger];

export const triggerRegistry: ReadonlyMap<HookKind, TriggerSource> = new Map(
  TRIGGERS.map((trigger) => [trigger.kind, trigger]),
);
