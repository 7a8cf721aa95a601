import type { ExecutionStore, PipelineStorage } from './shells.ts';

/** Instants say when, not what: two states that differ in nothing else are one. What never changes need not be said either. */
const WHEN = new Set(['at', 'startedAt', 'endedAt', 'since', 'deadline', 'retryAt', 'checkAt', 'plan']);

export function executionKey({ state, pending, alarmAt }: ExecutionStore): string {
  const effects = pending.map(({ effect }) => effect);
  return JSON.stringify([state, effects, alarmAt !== undefined], timeless);
}

export function pipelineKey({ image, alarmAt }: PipelineStorage): string {
  const { head } = image;
  const rows = image.live.map(({ live, order }) => [{ ...live, since: 0 }, order]);
  const transitions = Object.keys(head?.transitions ?? {}).sort();
  return JSON.stringify([head?.number, head?.entered, transitions, rows, alarmAt !== undefined]);
}

/** That there is an instant still counts: a wait without a deadline is another state. */
function timeless(name: string, value: unknown): unknown {
  return WHEN.has(name) && value !== undefined ? 0 : value;
}
