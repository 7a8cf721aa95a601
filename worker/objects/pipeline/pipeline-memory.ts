import type { LiveExecution } from '../../engine/admission.ts';
import type { Instant } from '../../engine/ids.ts';
import type { Position } from '../../engine/position.ts';
import { type ExecutionSummary, revisionSummary, summaryFacets } from '../../engine/summary.ts';
import type { Head, LiveRow } from './pipeline-store.ts';

/** What the pipeline remembers of an execution that has ended. */
export function withEnd(
  head: Head,
  { live, start }: LiveRow,
  { entered, succeeded }: Extract<Position, { kind: 'Ended' }>,
  at: Instant,
): Head {
  const names = (indexes: readonly number[]): readonly string[] =>
    indexes.flatMap((index) => live.stages[index] ?? []);
  const newest = names(entered).filter((stage) => (head.entered?.[stage] ?? 0) < live.number);
  const better = names(succeeded).filter((stage) => (head.lastGood[stage]?.number ?? 0) < live.number);
  if (newest.length === 0 && better.length === 0) return head;
  const target = start.rollback === undefined ? {} : { target: start.rollback.target };
  const success = { id: live.id, number: live.number, at, ...target };
  return {
    ...head,
    entered: { ...head.entered, ...Object.fromEntries(newest.map((stage) => [stage, live.number])) },
    lastGood: { ...head.lastGood, ...Object.fromEntries(better.map((stage) => [stage, success])) },
  };
}

export function neverAdmitted(head: Head, { live, start }: LiveRow, at: Instant): ExecutionSummary {
  return {
    tenant: head.tenant,
    id: live.id,
    pipeline: { id: head.id, name: head.name, version: start.version },
    number: live.number,
    seq: 1,
    status: endStatus(live),
    trigger: start.trigger,
    stage: live.stages[live.at] ?? '',
    attention: null,
    revision: revisionSummary(start),
    ...summaryFacets(start),
    startedAt: start.at,
    endedAt: live.ending === undefined ? null : at,
  };
}

/** As seen from outside: one that is refused has ended long before. */
function endStatus({ ending, waiting, epoch }: LiveExecution): ExecutionSummary['status'] {
  if (ending === undefined || ending === 'Refused') return 'InProgress';
  return epoch === 0 || waiting ? ending : 'InProgress';
}
