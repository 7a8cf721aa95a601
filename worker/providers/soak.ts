import type { Clock } from '../kernel/clock.ts';
import {
  type ActionProvider,
  answering,
  met,
  misconfigured,
  type Progress,
  type ProviderRun,
  unmet,
} from './provider.ts';

const MINUTES_MAX = 60 * 24 * 60;

/** Rule/Soak: holds when the stage before this one has been left for so many minutes. */
export function soak(clock: Clock): ActionProvider {
  return answering(['Rule/Soak'], (run) => evaluate(run, clock.now()));
}

function evaluate({ configuration, previousStageEndedAt }: ProviderRun, now: number): Progress {
  const text = configuration['Minutes'] ?? '';
  const minutes = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(minutes <= MINUTES_MAX)) {
    return misconfigured(`Minutes is "${text}"; it must be a number from 0 to ${MINUTES_MAX}.`);
  }
  // A rollback, or a first stage: whatever is deployed here has not come through another stage just now.
  if (previousStageEndedAt === undefined) return met('No stage of this execution ran before this one.');
  const dueAt = previousStageEndedAt + minutes * 60_000;
  if (now >= dueAt) return met(`The stage before has soaked for ${text} minutes.`);
  const when = new Date(dueAt).toISOString().slice(0, 19);
  return unmet(`The stage before soaks for ${text} minutes, until ${when}Z.`, Math.ceil(dueAt - now));
}
