import type { ActionView, ExecutionEvent, ExecutionView } from '#lib/api/contract.ts';
import { claimedAt } from './events-view.ts';
import { actionStanding, statusStanding, type Standing } from './standing.ts';

export interface TimelineBar {
  readonly attempt: number;
  /** Fractions of the whole width. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'work' | 'runner' | 'person';
  readonly standing: Standing;
  readonly durationMs: number;
  readonly isOpen: boolean;
}

export interface TimelineRow {
  readonly stage: string;
  readonly action: string;
  readonly standing: Standing;
  readonly bars: readonly TimelineBar[];
  /** While the next attempt waits for its time. */
  readonly retryWait: { readonly from: number; readonly to: number } | undefined;
}

export interface TimelineStage {
  readonly name: string;
  readonly standing: Standing;
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Before it could be entered: behind another execution, or a transition. */
  readonly lockWait: { readonly from: number; readonly to: number } | undefined;
  readonly rows: readonly TimelineRow[];
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Timeline {
  readonly stages: readonly TimelineStage[];
  readonly ticks: readonly Tick[];
  readonly spanMs: number;
}

/** Time between two stages that is more than bookkeeping. */
const LOCK_WAIT_MIN_MS = 1_500;
const SPAN_MIN_MS = 10_000;
/** A live timeline keeps this much room on the right, so that its scale does not change every second. */
const HEADROOM = 0.08;

export function layoutTimeline(execution: ExecutionView, events: readonly ExecutionEvent[], now: number): Timeline {
  const start = Date.parse(execution.startedAt);
  const isOpen = execution.endedAt === null;
  const end = instant(execution.endedAt) ?? now;
  const spanMs = Math.max(SPAN_MIN_MS, niceSpan((end - start) * (isOpen ? 1 + HEADROOM : 1), isOpen));
  const fraction = (at: number) => Math.max(0, Math.min(1, (at - start) / spanMs));

  let ready = start;
  const stages = execution.stages.map((stage) => {
    const entered = instant(stage.startedAt);
    const ended = instant(stage.endedAt);
    const isWaiting = execution.waitingForStage === stage.name;
    const waitedUntil = entered ?? (isWaiting ? end : undefined);
    const lockWait =
      waitedUntil !== undefined && waitedUntil - ready > LOCK_WAIT_MIN_MS
        ? { from: fraction(ready), to: fraction(waitedUntil) }
        : undefined;
    if (ended !== undefined) ready = ended;
    return {
      name: stage.name,
      standing: statusStanding(stage.status),
      from: entered === undefined ? undefined : fraction(entered),
      to: entered === undefined ? undefined : fraction(ended ?? end),
      lockWait,
      rows: stage.actions.map((action) => layoutRow({ stage: stage.name, action, events, end, fraction })),
    };
  });
  return { stages, ticks: ticks(spanMs), spanMs };
}

interface RowInput {
  readonly stage: string;
  readonly action: ActionView;
  readonly events: readonly ExecutionEvent[];
  readonly end: number;
  readonly fraction: (at: number) => number;
}

function layoutRow({ stage, action, events, end, fraction }: RowInput): TimelineRow {
  const standing = actionStanding(action);
  const bars = action.attempts.flatMap((attempt) => {
    const from = Date.parse(attempt.startedAt);
    const isOpen = attempt.endedAt === null && action.activity !== 'AwaitingRetry';
    const to = instant(attempt.endedAt) ?? end;
    const isLast = attempt.number === action.attempts.at(-1)?.number;
    const of = isLast && attempt.status === 'InProgress' ? standing : statusStanding(attempt.status);
    const isApproval = action.type.startsWith('Approval/');
    const claimed = action.hasLog ? claimedAt(events, `${stage}/${action.name}`, attempt.number) : undefined;
    const waitsForRunner = action.hasLog && (claimed !== undefined || (isLast && action.activity === 'Queued'));
    const splitAt = waitsForRunner ? (claimed ?? to) : from;
    const bar = (kind: TimelineBar['kind'], begin: number, finish: number): TimelineBar => ({
      attempt: attempt.number,
      from: fraction(begin),
      to: fraction(finish),
      kind,
      standing: of,
      durationMs: finish - begin,
      isOpen: isOpen && finish === to,
    });
    const work = splitAt < to ? [bar(isApproval ? 'person' : 'work', splitAt, to)] : [];
    return splitAt > from
      ? [bar('runner', from, splitAt), ...work]
      : work.length > 0
        ? work
        : [bar('work', from, to)];
  });
  const lastEnd = instant(action.attempts.at(-1)?.endedAt ?? null);
  const retryWait =
    action.activity === 'AwaitingRetry' && lastEnd !== undefined
      ? { from: fraction(lastEnd), to: fraction(end) }
      : undefined;
  return { stage, action: action.name, standing, bars, retryWait };
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400].map(
  (seconds) => seconds * 1_000,
);
const TICKS_MAX = 8;
/** A label further right would stick out. */
const TICK_AT_MAX = 0.95;

function stepFor(spanMs: number): number {
  const fitting = STEPS_MS.find((step) => spanMs / step <= TICKS_MAX);
  return fitting ?? Math.ceil(spanMs / TICKS_MAX / 86_400_000) * 86_400_000;
}

/** A live scale grows in steps, not with every tick of the clock. */
function niceSpan(spanMs: number, isOpen: boolean): number {
  if (!isOpen) return spanMs;
  const step = stepFor(spanMs) / 2;
  return Math.ceil(spanMs / step) * step;
}

function ticks(spanMs: number): readonly Tick[] {
  const step = stepFor(spanMs);
  const count = Math.floor(spanMs / step);
  return Array.from({ length: count + 1 }, (_, index) => ({
    at: (index * step) / spanMs,
    label: tickLabel(index * step),
  })).filter(({ at }) => at <= TICK_AT_MAX);
}

function tickLabel(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} m` : `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d`;
}

function instant(timestamp: string | null): number | undefined {
  return timestamp === null ? undefined : Date.parse(timestamp);
}
