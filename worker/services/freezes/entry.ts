import type { FreezeTimes, SaveFreeze } from '../../../contract/freezes.ts';
import * as calendar from '../../calendar/freeze.ts';
import type { Interval } from '../../calendar/intervals.ts';
import { pathText } from '../../definition/problem.ts';
import { DomainError } from '../domain-error.ts';

/** The entry that an order asks for; a DomainError names all that is wrong with its times. */
export function calendarEntry(id: string, { name, calendar: of, scope, when }: SaveFreeze): calendar.Freeze {
  const times: calendar.FreezeTimes =
    when.kind === 'once' ? { kind: 'once', from: Date.parse(when.from), to: Date.parse(when.to) } : when;
  const problems = calendar.timesProblems(times);
  if (problems.length > 0) {
    const errors = problems.map(({ path, message }) => ({
      path: pathText(['when', ...path]),
      message: `${message}.`,
    }));
    throw new DomainError('validation_failed', 'The freeze has no times that could be kept to.', { errors });
  }
  return { id, name, calendar: of, scope, when: times };
}

export function timesView(when: calendar.FreezeTimes): FreezeTimes {
  switch (when.kind) {
    case 'once':
      return { kind: 'once', ...isoSpan(when) };
    case 'cron':
      return when;
    case 'weekly':
      return { ...when, windows: [...when.windows] };
  }
}

export function isoSpan({ from, to }: Interval): { readonly from: string; readonly to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
