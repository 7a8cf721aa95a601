import type { LiveExecution } from './admission.ts';
import type { ExecutionId, Instant } from './ids.ts';
import type { ExecutionPlan } from './plan.ts';

/** The last execution that succeeded in a stage. */
export interface StageSuccess {
  readonly id: ExecutionId;
  readonly number: number;
  readonly at: Instant;
  /** Whose artifacts are there, when it was a rollback that brought them. */
  readonly target?: ExecutionId;
}

/** User guide, `TransitionState`. */
export interface Transition {
  readonly by: string;
  readonly at: Instant;
  readonly reason: string;
}

/** CodePipeline's GetPipelineState: per stage who is inside, who waits in front of it, and what last came through. */
export function board(
  plan: ExecutionPlan,
  live: readonly LiveExecution[],
  lastGood: Readonly<Record<string, StageSuccess>>,
  disabled: Readonly<Record<string, Transition>> = {},
) {
  const known = plan.stages.map(({ name }) => name);
  // An execution pinned to an older version may be in a stage that today's version has not.
  const others = live.map(stageOf).filter((name, index, all) => !known.includes(name) && all.indexOf(name) === index);
  return [...known, ...others].map((name) => {
    const here = live.filter((row) => (row.ending === undefined || !row.waiting) && stageOf(row) === name);
    return {
      name,
      actions: (plan.stages.find((stage) => stage.name === name)?.actions ?? []).map(({ name, type, runOrder }) => ({
        name,
        type,
        runOrder,
      })),
      transition: transition(disabled[name]),
      inside: here.filter(({ waiting }) => !waiting).map(occupant),
      inbound: here.filter(({ waiting }) => waiting).map(occupant),
      lastSucceeded: success(lastSuccess(name, live, lastGood)),
    };
  });
}

function stageOf(row: LiveExecution): string {
  return row.stages[row.at] ?? '';
}

function occupant({ id, number, since, isShut, isRollback }: LiveExecution) {
  return {
    id,
    number,
    since: new Date(since).toISOString(),
    kind: isRollback === true ? ('ROLLBACK' as const) : ('STANDARD' as const),
    /** It waits for a gate of its own, not for the stage. */
    isAtGate: isShut === true,
  };
}

function transition(disabled: Transition | undefined) {
  if (disabled === undefined) return { enabled: true, by: null, at: null, reason: null };
  const { by, at, reason } = disabled;
  return { enabled: false, by, at: new Date(at).toISOString(), reason };
}

function lastSuccess(
  stage: string,
  live: readonly LiveExecution[],
  lastGood: Readonly<Record<string, StageSuccess>>,
): StageSuccess | undefined {
  const past = live.filter((row) => row.isRollback !== true && hasPassed(row, stage));
  const newest = past.reduce<LiveExecution | undefined>(
    (best, row) => (best === undefined || row.number > best.number ? row : best),
    undefined,
  );
  const ended = lastGood[stage];
  if (newest === undefined || (ended !== undefined && ended.number > newest.number)) return ended;
  return { id: newest.id, number: newest.number, at: newest.since };
}

function hasPassed(row: LiveExecution, stage: string): boolean {
  const index = row.stages.indexOf(stage);
  return index !== -1 && index < row.at;
}

function success(of: StageSuccess | undefined) {
  return of === undefined ? null : { id: of.id, number: of.number, at: new Date(of.at).toISOString() };
}
