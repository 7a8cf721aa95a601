import type { ExecutionSummary } from '../../engine/summary.ts';
import type { Ports } from '../context.ts';
import type { Verdict } from './compare.ts';

/**
 * Makes the index say what is true. Only over the very row that was compared: whoever has written since knows better. False:
 * there is nothing to put right, or nothing to put it right with.
 */
export async function repairRow(
  { executionIndex, clock }: Pick<Ports, 'executionIndex' | 'clock'>,
  row: ExecutionSummary,
  verdict: Verdict,
): Promise<boolean> {
  switch (verdict.kind) {
    case 'Equal':
    case 'Pending':
      return false;
    case 'Different':
      return executionIndex.replace(row.tenant, verdict.truth, row.seq);
    case 'Gone': {
      if (row.endedAt !== null) return false;
      const ended = { ...row, status: 'Cancelled', attention: null, endedAt: clock.now(), seq: row.seq + 1 } as const;
      return executionIndex.replace(row.tenant, ended, row.seq);
    }
  }
}
