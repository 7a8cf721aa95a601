import type { Freeze, FreezePreview, FreezeTimes, SaveFreeze } from '#lib/api/contract.ts';
import { formatDuration } from '#lib/ui/time.ts';

/** When an entry lasts, in one line. */
export function describeTimes(when: FreezeTimes): string {
  switch (when.kind) {
    case 'once':
      return `${day(when.from)} to ${day(when.to)}`;
    case 'weekly':
      return `every week, ${when.windows.map(({ from, to }) => `${from} to ${to}`).join(', ')} (${when.timezone})`;
    case 'cron':
      return `${when.cron} for ${formatDuration(when.durationMinutes * 60_000)} (${when.timezone})`;
  }
}

/** What an entry is about. */
export function describeScope({ pipelines, stages }: Freeze['scope']): string {
  const of = pipelines.length === 0 ? 'every pipeline' : pipelines.join(', ');
  return stages.length === 0 ? of : `${stages.join(', ')} of ${of}`;
}

function day(timestamp: string): string {
  return moment.format(Date.parse(timestamp));
}

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** What stands in the form: text, as it is typed, for every kind of times at once. */
export interface FreezeDraft {
  readonly name: string;
  readonly reason: string;
  readonly calendar: string;
  readonly pipelines: string;
  readonly stages: string;
  readonly kind: FreezeTimes['kind'];
  /** In the reader's own zone, as `input type=datetime-local` has it. */
  readonly from: string;
  readonly to: string;
  readonly weeklyFrom: string;
  readonly weeklyTo: string;
  readonly moreWindows: Extract<FreezeTimes, { kind: 'weekly' }>['windows'];
  readonly cron: string;
  readonly durationMinutes: number;
  readonly timezone: string;
}

export function newDraft(timezone: string): FreezeDraft {
  return {
    name: '',
    reason: '',
    calendar: 'default',
    pipelines: '',
    stages: '',
    kind: 'once',
    from: '',
    to: '',
    weeklyFrom: 'FRI 16:00',
    weeklyTo: 'MON 06:00',
    moreWindows: [],
    cron: '0 2 * * *',
    durationMinutes: 60,
    timezone,
  };
}

export function draftOf({ name, reason, calendar, scope, when }: SaveFreeze, timezone: string): FreezeDraft {
  const draft = {
    ...newDraft(timezone),
    name,
    reason,
    calendar,
    pipelines: scope.pipelines.join(', '),
    stages: scope.stages.join(', '),
    kind: when.kind,
  };
  switch (when.kind) {
    case 'once':
      return { ...draft, from: localMoment(when.from), to: localMoment(when.to) };
    case 'weekly': {
      const [first, ...moreWindows] = when.windows;
      const { from: weeklyFrom = '', to: weeklyTo = '' } = first ?? {};
      return { ...draft, weeklyFrom, weeklyTo, moreWindows, timezone: when.timezone };
    }
    case 'cron':
      return { ...draft, cron: when.cron, durationMinutes: when.durationMinutes, timezone: when.timezone };
  }
}

/** undefined while the times are not whole yet. */
export function freezeOf(draft: FreezeDraft): SaveFreeze | undefined {
  const when = timesOf(draft);
  const name = draft.name.trim();
  if (when === undefined || name === '') return undefined;
  return {
    name,
    reason: draft.reason.trim(),
    calendar: draft.calendar.trim() === '' ? 'default' : draft.calendar.trim(),
    scope: { pipelines: globs(draft.pipelines), stages: globs(draft.stages) },
    when,
  };
}

function timesOf(draft: FreezeDraft): FreezeTimes | undefined {
  const { kind, timezone } = draft;
  switch (kind) {
    case 'once': {
      const [from, to] = [Date.parse(draft.from), Date.parse(draft.to)];
      if (Number.isNaN(from) || Number.isNaN(to)) return undefined;
      return { kind, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    }
    case 'weekly': {
      const [from, to] = [draft.weeklyFrom.trim(), draft.weeklyTo.trim()];
      return from === '' || to === '' ? undefined : { kind, windows: [{ from, to }, ...draft.moreWindows], timezone };
    }
    case 'cron':
      return draft.cron.trim() === ''
        ? undefined
        : { kind, cron: draft.cron.trim(), durationMinutes: draft.durationMinutes, timezone };
  }
}

function globs(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function localMoment(timestamp: string): string {
  const at = new Date(timestamp);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export interface HeldSpan {
  /** Fractions of the previewed time. */
  readonly from: number;
  readonly to: number;
}

export function heldSpans(
  { when }: FreezePreview['held'][number],
  { from, to }: Pick<FreezePreview, 'from' | 'to'>,
): readonly HeldSpan[] {
  const start = Date.parse(from);
  const length = Math.max(1, Date.parse(to) - start);
  const fraction = (at: string) => Math.max(0, Math.min(1, (Date.parse(at) - start) / length));
  return when.map((span) => ({ from: fraction(span.from), to: fraction(span.to) }));
}

/** What happens to an execution that comes to a stage meanwhile. */
export const consequences: Readonly<Record<FreezePreview['held'][number]['otherwise'], string>> = {
  WAIT: 'waits',
  FAIL: 'fails',
  SKIP: 'skips it',
  RETRY: 'retries',
  ROLLBACK: 'is rolled back',
};
