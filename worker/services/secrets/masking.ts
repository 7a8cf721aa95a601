import { Redactor } from '../../../contract/redact/redactor.ts';
import { SECRET_MAX_BYTES } from '../../../contract/secrets.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { ActionRun } from '../../engine/run.ts';
import type { SealedSecrets } from '../../storage/sealed-secrets.ts';
import type { JobMasking } from '../context.ts';
import { ownNames } from './reference.ts';

/** An object has only so much memory; what its action can have got is among the newest. */
const VALUES_MAX_BYTES = 2 * SECRET_MAX_BYTES;

/** Undefined: the attempt has no secrets of the tenant's. */
export function maskingOf({ secrets, pipeline, stage }: Pick<ActionRun, 'secrets' | 'pipeline' | 'stage'>) {
  const names = ownNames(Object.values(secrets?.references ?? {}));
  return names.length === 0 ? undefined : { pipelineId: pipeline.id, stage, names: [...names] };
}

/** Knows every value that the names may have meant to the attempt, those too that have been replaced or deleted since. */
export async function redactorFor(
  secrets: SealedSecrets,
  tenant: TenantId,
  { names, ...place }: JobMasking,
): Promise<Redactor> {
  const rows = await secrets.around(tenant, place, names);
  const newestFirst = [...rows].sort((one, other) => other.updatedAt - one.updatedAt);
  const values: string[] = [];
  let bytes = 0;
  for (const row of newestFirst) {
    const value = await secrets.open(row);
    bytes += new TextEncoder().encode(value).length;
    if (values.length > 0 && bytes > VALUES_MAX_BYTES) break;
    values.push(value);
  }
  return new Redactor(values);
}
