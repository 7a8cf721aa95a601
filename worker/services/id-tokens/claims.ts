import type { ActionRun } from '../../engine/run.ts';
import { TOKEN_MS } from './rotation.ts';

/** Clocks of others may be behind ours by this much. */
const NOT_BEFORE_S = 30;

type Run = Pick<ActionRun, 'tenant' | 'pipeline' | 'execution' | 'stage' | 'name' | 'attempt'>;

export interface Minting {
  readonly issuer: string;
  readonly audience: string;
  readonly id: string;
  readonly at: number;
  readonly trigger: { readonly type: string; readonly by: string; readonly actor?: string | undefined };
  readonly definitionDigest: string;
}

/** The subject is made of ids that are never given to anything else, so that a name that is free again opens nothing. */
export function subjectOf({ tenant, pipeline, stage, name }: Run): string {
  return `tenant:${tenant}:pipeline:${pipeline.id}:stage:${stage}:action:${name}`;
}

export function claimsOf(run: Run, { issuer, audience, id, at, trigger, definitionDigest }: Minting) {
  const seconds = Math.floor(at / 1000);
  return {
    iss: issuer,
    sub: subjectOf(run),
    aud: audience,
    iat: seconds,
    nbf: seconds - NOT_BEFORE_S,
    exp: seconds + TOKEN_MS / 1000,
    jti: id,
    tenant_id: run.tenant,
    pipeline_id: run.pipeline.id,
    pipeline: run.pipeline.name,
    version: run.pipeline.version,
    definition_digest: definitionDigest,
    execution_id: run.execution,
    stage: run.stage,
    action: run.name,
    attempt: run.attempt,
    trigger: trigger.type,
    actor: trigger.actor ?? trigger.by,
    runner_environment: 'self-hosted',
  };
}
