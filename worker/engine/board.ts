import type { LiveExecution } from './admission.ts';
import type { ExecutionId, Instant } from './ids.ts';
import type { ExecutionPlan } from './plan.ts';

/** The last execution that succeeded in a stage. */
export interface StageSuccess {
  readonly id: ExecutionId;
  readonly number: number;
  readonly at: Instant;
}

/** CodePipeline's GetPipelineState: per stage who is inside, who waits in front of it, and what last came through. */
export function board(
  plan: ExecutionPlan,
  live: readonly LiveExecution[],
  lastGood: Readonly<Record<string, StageSuccess>>,
) {
  const known = plan.stages.map(({ name }) => name);
  // An execution pinned to an older version may be in a stage that today's version has not.
  const others = live.map(stageOf).filter((name, index, all) => !known.includes(name) && all.indexOf(name) === index);
  return [...known, ...others].map((name) => {
    const here = live.filter((row) => row.ending === undefined && stageOf(row) === name);
    return {
      name,
      actions: (plan.stages.find((stage) => stage.name === name)?.actions ?? []).map(({ name, type, runOrder }) => ({
        name,
        type,
        runOrder,
      })),
      inside: here.filter(({ waiting }) => !waiting).map(occupant),
      inbound: here.filter(({ waiting }) => waiting).map(occupant),
      lastSucceeded: success(lastSuccess(name, live, lastGood)),
    };
  });
}

function stageOf(row: LiveExecution): string {
  return row.stages[row.at] ?? '';
}

function occupant({ id, number, since }: LiveExecution) {
  return { id, number, since: new Date(since).toISOString() };
}

function lastSuccess(
  stage: string,
  live: readonly LiveExecution[],
  lastGood: Readonly<Record<string, StageSuccess>>,
): StageSuccess | undefined {
  const past = live.filter((row) => row.stages.indexOf(stage) !== -1 && row.stages.indexOf(stage) < row.at);
  const newest = past.at(-1);
  if (newest === undefined) return lastGood[stage];
  return { id: newest.id, number: newest.number, at: newest.since };
}

function success(of: StageSuccess | undefined) {
  return of === undefined ? null : { id: of.id, number: of.number, at: new Date(of.at).toISOString() };
}
