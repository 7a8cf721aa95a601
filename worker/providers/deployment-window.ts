import { parseCron } from '../calendar/cron.ts';
import { zone } from '../calendar/time-zone.ts';
import { isOpen, nextOpening } from '../calendar/window.ts';
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

/** Rule/DeploymentWindow: holds while the clocks of a time zone show a minute that a Quartz expression names. */
export function deploymentWindow(clock: Clock): ActionProvider {
  return answering(['Rule/DeploymentWindow'], (run) => evaluate(run, clock.now()));
}

function evaluate({ configuration }: ProviderRun, now: number): Progress {
  const text = configuration['Cron'] ?? '';
  const parsed = parseCron(text);
  if (!parsed.ok) return misconfigured(`Cron "${text}" ${parsed.message}.`);
  const name = configuration['TimeZone'] ?? 'UTC';
  const where = zone(name);
  if (where === undefined) {
    return misconfigured(`TimeZone is "${name}"; it must be like Europe/Berlin, UTC or UTC+02:00.`);
  }
  if (isOpen(parsed.cron, where, now)) return met(`The deployment window "${text}" is open.`);
  const opensAt = nextOpening(parsed.cron, where, now);
  if (opensAt === undefined) return unmet(`The deployment window "${text}" never opens again.`);
  const when = `${new Date(opensAt).toISOString().slice(0, 16)}Z`;
  return unmet(`The deployment window "${text}" (${where.name}) opens at ${when}.`, opensAt - now);
}
