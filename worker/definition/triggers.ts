import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import type {
  PipelineFilter,
  PullRequestFilter,
  TriggerDefinition,
  WebhookFilter,
} from '../../contract/pipeline-triggers.ts';
import type {
  PullRequestCriteria,
  PushCriteria,
  SourceTrigger,
  TriggerPlan,
  WebhookTrigger,
} from '../engine/trigger-plan.ts';
import { isHeldToCodePipeline } from './check.ts';
import { watchedOf, type WatchedSource } from './watched.ts';

/** What starts executions of the pipeline, from a checked definition. */
export function compileTriggers(definition: PipelineDefinition): TriggerPlan {
  const { triggers = [], forks = 'RESTRICTED' } = definition;
  return {
    sources: watchedOf(definition).map((watched) => sourceTrigger(definition, watched)),
    webhooks: triggers.flatMap(({ webhook, pipeline }) => [
      ...(webhook === undefined ? [] : [webhookTrigger(webhook)]),
      ...(pipeline === undefined ? [] : [pipelineTrigger(pipeline)]),
    ]),
    forks,
    mergedIsClosed: isHeldToCodePipeline(definition),
  };
}

/** The end of an execution comes like a webhook, to a hook that no hook of a tenant can be named like. */
export function hookOfPipeline(name: string): string {
  return `pipeline:${name}`;
}

/** The names of the hooks whose deliveries start executions. */
export function hookNames({ triggers = [] }: PipelineDefinition): readonly string[] {
  const names = triggers.flatMap(({ webhook, pipeline }) => [
    ...(webhook === undefined ? [] : [webhook.hook]),
    ...(pipeline === undefined ? [] : [hookOfPipeline(pipeline.name)]),
  ]);
  return [...new Set(names)];
}

function pipelineTrigger({ name, status = ['Succeeded'], variables = {} }: PipelineFilter): WebhookTrigger {
  const paths = Object.entries(variables).map(([variable, member]): [string, string] => [variable, `$.${member}`]);
  return { hook: hookOfPipeline(name), types: status, where: [], variables: Object.fromEntries(paths) };
}

function sourceTrigger({ stages, triggers = [] }: PipelineDefinition, watched: WatchedSource): SourceTrigger {
  const action = stages.flatMap(({ actions }) => actions).find(({ name }) => name === watched.action);
  const { configuration = {}, type = '' } = action ?? {};
  const trigger = triggers.find(({ source }) => source === watched.action);
  const { S3ObjectKey: key } = configuration;
  return {
    ...watched,
    ...(type.startsWith('Source/ECR') ? { tag: configuration['ImageTag'] ?? 'latest' } : {}),
    ...(key === undefined ? {} : { key }),
    ...criteria(trigger, configuration),
  };
}

/** Without a trigger of its own, a source starts on every push to its branch, unless it is told not to. */
function criteria(
  trigger: TriggerDefinition | undefined,
  {
    BranchName: branch = null,
    DetectChanges: detects,
  }: Readonly<Record<string, string>> & { BranchName?: string | null },
): Pick<SourceTrigger, 'push' | 'pullRequest'> {
  const { push, pullRequest } = trigger ?? {};
  if (push !== undefined || pullRequest !== undefined) {
    return { push: (push ?? []).map(pushCriteria), pullRequest: (pullRequest ?? []).map(pullRequestCriteria) };
  }
  const isSilent = trigger === undefined && detects === 'false';
  return { push: isSilent ? [] : [{ branch }], pullRequest: [] };
}

function pushCriteria({ branches, tags, filePaths }: PushCriteria): PushCriteria {
  return {
    ...(branches === undefined ? {} : { branches }),
    ...(tags === undefined ? {} : { tags }),
    ...(filePaths === undefined ? {} : { filePaths }),
  };
}

function pullRequestCriteria({ events, branches, filePaths, drafts = true }: PullRequestFilter): PullRequestCriteria {
  return {
    ...(events === undefined ? {} : { events }),
    ...(branches === undefined ? {} : { branches }),
    ...(filePaths === undefined ? {} : { filePaths }),
    drafts,
  };
}

function webhookTrigger({ hook, types, where = [], variables = {} }: WebhookFilter): WebhookTrigger {
  return { hook, ...(types === undefined ? {} : { types }), where, variables };
}
