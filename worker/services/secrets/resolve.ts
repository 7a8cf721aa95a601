import { SECRET_MAX_BYTES } from '../../../contract/secrets.ts';
import type { TenantId } from '../../engine/ids.ts';
import type { Trust } from '../../engine/trust.ts';
import type { SealedSecrets } from '../../storage/sealed-secrets.ts';
import { mayUse } from './may-use.ts';
import { ownNames, parseReference } from './reference.ts';

/** Where an action stands, and what it asks for: names of environment variables to references. */
export interface SecretUse extends Trust {
  readonly tenant: TenantId;
  readonly pipelineId: string;
  readonly stage: string;
  readonly references: Readonly<Record<string, string>>;
}

export type Resolved =
  | {
      readonly ok: true;
      readonly environment: Readonly<Record<string, string>>;
      /** For the audit log: what was handed out. */
      readonly used: readonly Used[];
    }
  /** Every reference that comes to nothing, in one message; never a value. */
  | { readonly ok: false; readonly message: string };

type Used = {
  readonly name: string;
  /** Empty: the tenant's, or all of the pipeline's. */
  readonly pipelineId: string;
  readonly stage: string;
  readonly version: number;
};

type Row = Awaited<ReturnType<SealedSecrets['around']>>[number];

/** The values that an action is to run with: all of them, or none and why. */
export async function resolveSecrets(secrets: SealedSecrets, use: SecretUse, at: number): Promise<Resolved> {
  const rows = await secrets.around(use.tenant, use, ownNames(Object.values(use.references)));
  const found: [string, Row][] = [];
  const wrong: string[] = [];
  for (const [variable, text] of Object.entries(use.references)) {
    const reference = parseReference(text);
    if (reference.kind === 'aws') {
      wrong.push(`${variable}: nothing here reads ${text} yet, for there are no connections to AWS`);
      continue;
    }
    const { name } = reference;
    const row = nearest(rows, name);
    if (row === undefined) wrong.push(`${variable}: there is no secret "${name}" for this stage`);
    else if (use.isUntrusted) wrong.push(`${variable}: what comes from a fork gets no secrets`);
    else if (!mayUse(row, use)) wrong.push(`${variable}: "${name}" is protected, and not for this execution`);
    else found.push([variable, row]);
  }
  if (wrong.length > 0) return { ok: false, message: `${wrong.join('; ')}.` };
  const opened = await Promise.all(
    found.map(async ([variable, row]) => [variable, await secrets.open(row)] as const),
  );
  const bytes = opened.reduce((sum, [, value]) => sum + new TextEncoder().encode(value).length, 0);
  if (bytes > SECRET_MAX_BYTES) {
    return { ok: false, message: `Its secrets hold ${bytes} bytes together; ${SECRET_MAX_BYTES} are allowed.` };
  }
  await secrets.touch([...new Set(found.map(([, row]) => row))], at);
  const used = found.map(([, { name, pipelineId, stage, version }]) => ({ name, pipelineId, stage, version }));
  return { ok: true, environment: Object.fromEntries(opened), used };
}

/** The stage's own before the pipeline's, and that before the tenant's. */
function nearest(rows: readonly Row[], name: string): Row | undefined {
  const live = rows.filter((row) => row.name === name && row.retiredAt === null);
  return live.sort((one, other) => nearness(other) - nearness(one))[0];
}

function nearness({ pipelineId, stage }: Row): number {
  return (pipelineId === '' ? 0 : 1) + (stage === '' ? 0 : 1);
}
