import type { Clock } from '../kernel/clock.ts';
import { type CodeCommitSourceParts, codeCommitSource } from './code-commit-source.ts';
import { commands, type JobQueue } from './commands.ts';
import { connectionSource, type SourceParts } from './connection-source.ts';
import { delay } from './delay.ts';
import { deploymentWindow } from './deployment-window.ts';
import { type EcrSourceParts, ecrSource } from './ecr-source.ts';
import { freeze, type FreezeParts } from './freeze.ts';
import { httpCheck, type HttpCheckParts } from './http-check.ts';
import { pipeline, type PipelineCalls } from './pipeline.ts';
import type { ActionProvider, ProviderRun } from './provider.ts';
import { type S3SourceParts, s3Source } from './s3-source.ts';
import { soak } from './soak.ts';
import { upload } from './upload.ts';
import { variableCheck } from './variable-check.ts';

/** All that providers reach beyond their own file. */
export interface ProviderWorld<Run extends ProviderRun> {
  readonly queue: JobQueue<Run>;
  readonly clock: Clock;
  readonly http: HttpCheckParts;
  readonly freezes: FreezeParts['freezes'];
  readonly pipelines: PipelineCalls;
  readonly sources: SourceParts & S3SourceParts & EcrSourceParts & CodeCommitSourceParts;
}

/** Every provider, by the action types that it carries out. */
export function providerRegistry<Run extends ProviderRun>(
  world: ProviderWorld<Run>,
): ReadonlyMap<string, ActionProvider<Run>> {
  const { queue, clock, http, freezes, pipelines, sources } = world;
  const providers: readonly ActionProvider<Run>[] = [
    codeCommitSource(sources),
    commands(queue),
    connectionSource(sources),
    delay,
    deploymentWindow(clock),
    ecrSource(sources),
    freeze({ clock, freezes }),
    httpCheck(http),
    pipeline(pipelines),
    s3Source(sources),
    soak(clock),
    upload,
    variableCheck,
  ];
  return new Map(providers.flatMap((provider) => provider.types.map((type) => [type, provider] as const)));
}
