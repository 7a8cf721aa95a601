import { commands, type JobQueue } from './commands.ts';
import { delay } from './delay.ts';
import type { ActionProvider, ProviderRun } from './provider.ts';
import { upload } from './upload.ts';

/** Every provider, by the action types that it carries out. */
export function providerRegistry<Run extends ProviderRun>(
  queue: JobQueue<Run>,
): ReadonlyMap<string, ActionProvider<Run>> {
  const providers: readonly ActionProvider<Run>[] = [commands(queue), delay, upload];
  return new Map(providers.flatMap((provider) => provider.types.map((type) => [type, provider] as const)));
}
