import type { ExecutionSummary } from '../../engine/summary.ts';
import type { ExecutionFilter } from '../../storage/execution-filter.ts';

/** The same as the index decides, for executions that it has not heard of yet. */
export function matches(summary: ExecutionSummary, filter: ExecutionFilter): boolean {
  const { statuses, trigger, by, branch, revision, stage, attention, from, to } = filter;
  const isSame = (wanted: string | undefined, is: string | null | undefined): boolean =>
    wanted === undefined || wanted === is;
  return (
    (statuses?.includes(summary.status) ?? true) &&
    isSame(trigger, summary.trigger.type) &&
    isSame(by, summary.trigger.by) &&
    isSame(branch, summary.branch) &&
    isSame(stage, summary.stage) &&
    isSame(attention, summary.attention) &&
    (revision === undefined || startsRevision(summary, revision.toLowerCase())) &&
    (from === undefined || summary.startedAt >= from) &&
    (to === undefined || summary.startedAt < to)
  );
}

function startsRevision({ revision, revisionId, revisionDigest }: ExecutionSummary, prefix: string): boolean {
  const digest = prefix.startsWith('sha256:') ? prefix : `sha256:${prefix}`;
  return (
    (revision?.toLowerCase().startsWith(prefix) ?? false) ||
    (revisionId?.toLowerCase().startsWith(prefix) ?? false) ||
    (revisionDigest?.startsWith(digest) ?? false)
  );
}
