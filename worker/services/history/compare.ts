import type { ExecutionSummary } from '../../engine/summary.ts';
import type { Ports } from '../context.ts';

export interface FieldDifference {
  readonly field: string;
  readonly index: string | null;
  readonly object: string | null;
}

/** What became of a row of the index when it was held against the execution itself. */
export type Verdict =
  | { readonly kind: 'Equal' }
  /** The execution is about to tell the index. */
  | { readonly kind: 'Pending' }
  | { readonly kind: 'Different'; readonly truth: ExecutionSummary; readonly fields: readonly FieldDifference[] }
  /** Neither object nor archive nor pipeline knows it. */
  | { readonly kind: 'Gone' };

type ComparePorts = Pick<Ports, 'executions' | 'pipelines'>;

/** Executions that ended before they were admitted have no object; their pipeline wrote their only row, at once. */
const NEVER_ADMITTED_SEQ = 1;

/** Asks the execution itself, in its object or in the archive. */
export async function compareRow(ports: ComparePorts, row: ExecutionSummary): Promise<Verdict> {
  const standing = await ports.executions(row.tenant, row.id).standing(row.tenant);
  if (standing === null) return withoutObject(ports, row);
  if (standing.isOwed) return { kind: 'Pending' };
  const { summary } = standing;
  const fields = differences(row, summary);
  return fields.length === 0 ? { kind: 'Equal' } : { kind: 'Different', truth: summary, fields };
}

async function withoutObject({ pipelines }: ComparePorts, row: ExecutionSummary): Promise<Verdict> {
  if (row.endedAt !== null && row.seq === NEVER_ADMITTED_SEQ) return { kind: 'Equal' };
  const unadmitted = await pipelines(row.tenant, row.pipeline.id).unadmitted(row.tenant, row.id);
  return unadmitted === null ? { kind: 'Gone' } : { kind: 'Pending' };
}

export function differences(row: ExecutionSummary, truth: ExecutionSummary): readonly FieldDifference[] {
  const [index, object] = [flat(row), flat(truth)];
  const fields = Object.keys(object).filter((field) => index[field] !== object[field]);
  const found = fields.map((field) => ({ field, index: index[field] ?? null, object: object[field] ?? null }));
  // The execution goes on counting where nothing changes that the index shows; the index can never be ahead of it.
  return row.seq <= truth.seq ? found : [...found, { field: 'seq', index: `${row.seq}`, object: `${truth.seq}` }];
}

function flat(summary: ExecutionSummary): Readonly<Record<string, string | null>> {
  const { pipeline, number, status, trigger, stage, attention, revision, startedAt, endedAt } = summary;
  const { kind = 'STANDARD', origin = null, branch = null, revisionId = null, revisionDigest = null } = summary;
  return {
    pipeline: `${pipeline.name} ${pipeline.id} ${pipeline.version}`,
    number: String(number),
    status,
    stage,
    attention,
    trigger: `${trigger.type} by ${trigger.by}`,
    revision,
    revisionId,
    revisionDigest,
    branch,
    kind,
    origin,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}
