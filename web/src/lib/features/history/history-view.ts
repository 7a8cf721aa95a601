import type { ExecutionSummary } from '#lib/api/contract.ts';

/** A page more; what is there already is not shown twice. */
export function mergeHistory(
  known: readonly ExecutionSummary[],
  more: readonly ExecutionSummary[],
): readonly ExecutionSummary[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...more.filter(({ id }) => !ids.has(id))];
}

const triggers: Readonly<Record<string, string>> = {
  StartPipelineExecution: 'Started',
  CreatePipeline: 'Creation',
  Webhook: 'Webhook',
  WebhookV2: 'Webhook',
  CloudWatchEvent: 'Schedule or event',
  PutActionRevision: 'New revision',
  PollForSourceChanges: 'Source change',
  ManualRollback: 'Rollback',
  AutomatedRollback: 'Automatic rollback',
};

export const triggerTypes: readonly string[] = Object.keys(triggers);

export function triggerName(type: string): string {
  return triggers[type] ?? type;
}

/** The beginning of a day in the reader's own zone, as `input type=date` gives it. */
export function dayStart(day: string): string | undefined {
  const at = new Date(`${day}T00:00:00`);
  return day === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** `to` is exclusive, so that the last day counts in full. */
export function dayEnd(day: string): string | undefined {
  const start = dayStart(day);
  if (start === undefined) return undefined;
  const at = new Date(start);
  at.setDate(at.getDate() + 1);
  return at.toISOString();
}

/** The way back. */
export function dayOf(timestamp: string | undefined, isEnd: boolean): string {
  if (timestamp === undefined) return '';
  const at = new Date(Date.parse(timestamp) - (isEnd ? 1 : 0));
  const two = (number: number) => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
