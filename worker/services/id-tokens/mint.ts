import type { IdToken } from '../../../contract/id-tokens.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { claimsOf } from './claims.ts';
import { signClaims } from './keys.ts';
import { mayMint } from './may-mint.ts';
import { standingOf } from './standing.ts';

const ID_LENGTH = 26;

/** Says to others which attempt of which action is asking, for as long as that attempt runs. */
export async function mintIdToken(ctx: ServiceContext, audience: string, issuer: string): Promise<IdToken> {
  const { actor, tenant, ports, note } = ctx;
  if (actor.kind !== 'job') throw new DomainError('forbidden', 'Only a job has an identity to prove.');
  const run = await ports.pools(tenant.id, actor.pool).claimedRun(tenant.id, actor.job);
  if (run === null) throw fenced();
  const { execution, pipeline, stage, name, attempt } = run;
  const of = { audience, execution, pipeline: pipeline.name, stage, action: name, attempt };
  note?.({ object: { type: 'identity', id: audience }, after: of });
  if (run.identity !== true) {
    const message = `${stage}/${name} does not ask for an identity; its definition needs "identity: true".`;
    throw new DomainError('id_token_refused', message);
  }
  const [standing, described] = await Promise.all([
    standingOf(ports, run),
    ports.pipelines(tenant.id, pipeline.id).describe(tenant.id, pipeline.version),
  ]);
  // A deleted pipeline has abandoned what ran for it.
  if (standing === null || described === null) throw fenced();
  if (!mayMint(standing)) {
    throw new DomainError('id_token_refused', `Executions started by ${standing.trigger.type} get no identity here.`);
  }
  const claims = claimsOf(run, {
    issuer: ports.issuer ?? issuer,
    audience,
    id: ports.newId(ID_LENGTH),
    at: ports.clock.now(),
    trigger: standing.trigger,
    definitionDigest: described.version.digest,
  });
  note?.({ after: { ...of, subject: claims.sub, jti: claims.jti } });
  return { token: await signClaims(ports, claims), expiresAt: new Date(claims.exp * 1000).toISOString() };
}

function fenced(): DomainError {
  return new DomainError('job_fenced', 'This attempt is over; another one may be running.');
}
