/** What starts executions of a pipeline by itself, compiled from its definition and kept with the version. */
export interface TriggerPlan {
  readonly sources: readonly SourceTrigger[];
  readonly webhooks: readonly WebhookTrigger[];
  /** What becomes of pull requests from forks. */
  readonly forks: ForkPolicy;
  /** As CodePipeline has it: a pull request that is merged is closed, too. */
  readonly mergedIsClosed: boolean;
}

/**
 * RESTRICTED: they run, without secrets and identity. APPROVAL: somebody has to let each of them in first; then they run so, too.
 * REFUSE: they never run.
 */
export type ForkPolicy = 'RESTRICTED' | 'APPROVAL' | 'REFUSE';

export interface SourceTrigger {
  readonly action: string;
  /** Name or ARN of the connection. */
  readonly reference: string;
  /** In lower case; or the name of a bucket. */
  readonly repository: string;
  /** Of an image. */
  readonly tag?: string;
  /** Of an object in the bucket. */
  readonly key?: string;
  /** Any of them; none at all: changes of this source start nothing. */
  readonly push: readonly PushCriteria[];
  readonly pullRequest: readonly PullRequestCriteria[];
}

export interface Patterns {
  readonly includes?: readonly string[] | undefined;
  readonly excludes?: readonly string[] | undefined;
}

/** All that is given has to fit. Neither branches nor tags: pushes to any branch. */
export interface PushCriteria {
  readonly branches?: Patterns | undefined;
  /** Exactly this one; null: the default branch of the repository. */
  readonly branch?: string | null;
  readonly tags?: Patterns | undefined;
  readonly filePaths?: Patterns | undefined;
}

export type PullRequestEventName = 'OPEN' | 'UPDATED' | 'CLOSED' | 'MERGED';

export interface PullRequestCriteria {
  /** Absent: all of them. */
  readonly events?: readonly PullRequestEventName[] | undefined;
  readonly branches?: Patterns | undefined;
  readonly filePaths?: Patterns | undefined;
  /** Of drafts, too. */
  readonly drafts: boolean;
}

/** Something signed with the secret of the hook of this name. */
export interface WebhookTrigger {
  readonly hook: string;
  readonly types?: readonly string[] | undefined;
  readonly where: readonly { readonly path: string; readonly equals: string }[];
  /** Paths into the payload, by the variable that gets what is there. */
  readonly variables: Readonly<Record<string, string>>;
}

export const NO_TRIGGERS: TriggerPlan = {
  sources: [],
  webhooks: [],
  forks: 'RESTRICTED',
  mergedIsClosed: false,
};
