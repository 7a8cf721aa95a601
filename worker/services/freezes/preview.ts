import type { FreezePreview, SaveFreeze } from '../../../contract/freezes.ts';
import { applies, type Freeze, heldBy, type Schedule, scheduleOf } from '../../calendar/freeze.ts';
import type { Interval } from '../../calendar/intervals.ts';
import type { PipelineId } from '../../engine/ids.ts';
import type { ConditionPlace, ConditionPlan, ExecutionPlan, StagePlan } from '../../engine/plan.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { calendarEntry, isoSpan } from './entry.ts';

const DAY_MS = 24 * 60 * 60_000;
const DEFAULT_MS = 30 * DAY_MS;
const LONGEST_MS = 100 * DAY_MS;
const PIPELINES_MAX = 500;
const PAGE = 100;
/** Objects asked at once; the platform lets six wait for headers. */
const ASKED_AT_ONCE = 6;
const RULE_TYPE = 'Rule/Freeze';

export interface PreviewBounds {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What the whole calendar holds, and when. */
export async function previewCalendar(ctx: ServiceContext, bounds: PreviewBounds): Promise<FreezePreview> {
  const stored = await ctx.ports.tenants(ctx.tenant.id).freezes(ctx.tenant.id);
  return preview(
    ctx,
    stored.map(({ freeze }) => freeze),
    interval(ctx, bounds),
  );
}

/** What one entry alone would hold. */
export async function previewDraft(
  ctx: ServiceContext,
  draft: SaveFreeze,
  bounds: PreviewBounds,
): Promise<FreezePreview> {
  return preview(ctx, [calendarEntry('draft', draft)], interval(ctx, bounds));
}

async function preview(ctx: ServiceContext, freezes: readonly Freeze[], bounds: Interval): Promise<FreezePreview> {
  const schedule = scheduleOf(freezes, bounds);
  const { rows, isComplete } = await pipelines(ctx);
  const concerned = rows.filter(({ name, stages }) =>
    stages.some((stage) =>
      schedule.some(({ freeze }) => applies(freeze, { pipeline: name, stage, calendar: undefined })),
    ),
  );
  const held: FreezePreview['held'] = [];
  for (let at = 0; at < concerned.length; at += ASKED_AT_ONCE) {
    const plans = concerned.slice(at, at + ASKED_AT_ONCE).map(async ({ id, name }) => {
      const found = await ctx.ports.pipelines(ctx.tenant.id, id as PipelineId).describe(ctx.tenant.id);
      return found === null ? [] : heldStages(name, found.version.plan, schedule);
    });
    held.push(...(await Promise.all(plans)).flat());
  }
  return { ...isoSpan(bounds), held, isComplete };
}

async function pipelines({ tenant, ports }: ServiceContext) {
  const rows: Awaited<ReturnType<typeof ports.pipelineIndex.list>> = [];
  while (rows.length <= PIPELINES_MAX) {
    const page = await ports.pipelineIndex.list(tenant.id, rows.at(-1)?.name ?? '', PAGE);
    rows.push(...page);
    if (page.length < PAGE) break;
  }
  return { rows: rows.slice(0, PIPELINES_MAX), isComplete: rows.length <= PIPELINES_MAX };
}

function heldStages(pipeline: string, plan: ExecutionPlan, schedule: Schedule): FreezePreview['held'] {
  return freezeRules(plan).flatMap(({ stage, place, otherwise, rule, calendar }) => {
    const { intervals, freezes } = heldBy(schedule, { pipeline, stage, calendar });
    if (intervals.length === 0) return [];
    const names = freezes.map(({ name }) => name);
    return [{ pipeline, stage, place, rule, otherwise, when: intervals.map(isoSpan), freezes: names }];
  });
}

function freezeRules(plan: ExecutionPlan) {
  return plan.stages.flatMap((stage) =>
    conditions(stage).flatMap(([place, { rules, otherwise }]) =>
      rules
        .filter(({ type }) => type === RULE_TYPE)
        .map(({ name, configuration }) => ({
          stage: stage.name,
          place,
          otherwise,
          rule: name,
          calendar: calendarOf(configuration),
        })),
    ),
  );
}

function conditions({ beforeEntry, onSuccess, onFailure }: StagePlan): readonly [ConditionPlace, ConditionPlan][] {
  const all: readonly [ConditionPlace, ConditionPlan | undefined][] = [
    ['beforeEntry', beforeEntry],
    ['onSuccess', onSuccess],
    ['onFailure', onFailure?.condition],
  ];
  return all.flatMap(([place, condition]) => (condition === undefined ? [] : [[place, condition]]));
}

/** A calendar that is named by a variable may be any of them. */
function calendarOf({ Calendar: calendar }: Readonly<Record<string, string>>): string | undefined {
  return calendar?.includes('#{') === true ? undefined : calendar;
}

function interval({ ports }: ServiceContext, bounds: PreviewBounds): Interval {
  const from = bounds.from === undefined ? ports.clock.now() : Date.parse(bounds.from);
  const to = bounds.to === undefined ? from + DEFAULT_MS : Date.parse(bounds.to);
  if (to > from && to - from <= LONGEST_MS) return { from, to };
  const message = `must be later than from, by ${LONGEST_MS / DAY_MS} days at most`;
  throw new DomainError('validation_failed', 'There is nothing to preview.', { errors: [{ path: 'to', message }] });
}
