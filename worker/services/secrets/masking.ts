import { Redactor } from '../../../contract/redact/redactor.ts';
import { SECRET_MAX_BYTES } from '../../../contract/secrets.ts';
import type { JobId, TenantId } from '../../engine/ids.ts';
import type { ActionRun } from '../../engine/run.ts';
import type { JobMasking, Ports } from '../context.ts';
import { ownNames } from './reference.ts';

/** An object has only so much memory; what its action can have got is among the newest. */
const VALUES_MAX_BYTES = 2 * SECRET_MAX_BYTES;

type Run = Pick<ActionRun, 'secrets' | 'identity' | 'pipeline' | 'stage' | 'pool' | 'job'>;

/** Undefined: the attempt has no secrets of the tenant's, and no identity. */
export function maskingOf({ secrets, identity, pipeline, stage, pool, job }: Run) {
  const names = ownNames(Object.values(secrets?.references ?? {}));
  if (names.length === 0 && identity !== true) return undefined;
  return {
    pipelineId: pipeline.id,
    stage,
    names: [...names],
    ...(identity === true ? { identity: { pool, job } } : {}),
  };
}

/** Knows every value that the names may have meant to the attempt, those too that have been replaced or deleted since. */
export async function redactorFor(
  { secrets, identityCredential }: Pick<Ports, 'secrets' | 'identityCredential'>,
  tenant: TenantId,
  { names, identity, ...place }: JobMasking,
): Promise<Redactor> {
  const rows = names.length === 0 ? [] : await secrets.around(tenant, place, names);
  const newestFirst = [...rows].sort((one, other) => other.updatedAt - one.updatedAt);
  const values: string[] = [];
  let bytes = 0;
  for (const row of newestFirst) {
    const value = await secrets.open(row);
    bytes += new TextEncoder().encode(value).length;
    if (values.length > 0 && bytes > VALUES_MAX_BYTES) break;
    values.push(value);
  }
  if (identity !== undefined) values.push(await identityCredential(tenant, identity.pool, identity.job as JobId));
  return new Redactor(values);
}
