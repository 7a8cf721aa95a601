declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
export type PipelineId = Branded<'PipelineId'>;
export type ExecutionId = Branded<'ExecutionId'>;

/** `stage/action`: unique in a plan, because neither name may hold a slash. */
export type ActionKey = Branded<'ActionKey'>;

/**
 * `execution:stage/action:attempt`. One name for one attempt everywhere: the job's id at the pool, the runner's fence and
 * the idempotency key given to the world.
 */
export type JobId = Branded<'JobId'>;

/** Milliseconds since the Unix epoch, always handed in: the engine has no clock. */
export type Instant = number;

export function actionKey(stage: string, action: string): ActionKey {
  return `${stage}/${action}` as ActionKey;
}

export function jobId(execution: ExecutionId, action: ActionKey, attempt: number): JobId {
  return `${execution}:${action}:${attempt}` as JobId;
}

/** A rule's key among the actions of its stage: `stage/place~rule`. No name may hold a tilde. */
export function ruleKey(stage: string, place: string, rule: string): ActionKey {
  return `${stage}/${place}~${rule}` as ActionKey;
}
