import type { ActionStatus, ExecutionStatus, StageStatus } from './model.ts';

/** As much of an execution's view as is compared. */
export interface Compared extends Timed {
  readonly id: string;
  readonly number: number;
  readonly pipeline: string;
  readonly version: number;
  readonly status: ExecutionStatus;
  readonly startedAt: string;
  readonly variables: Values;
  readonly revisions: readonly {
    readonly action: string;
    readonly id: string;
    readonly digest: string;
    readonly summary: string;
  }[];
  readonly stages: readonly ComparedStage[];
  readonly artifacts: readonly { readonly name: string; readonly digest: string }[];
}

interface ComparedStage extends Timed {
  readonly name: string;
  readonly status: StageStatus | null;
  readonly actions: readonly ComparedAction[];
}

interface ComparedAction extends Timed {
  readonly name: string;
  readonly status: ActionStatus | null;
  readonly attempts: readonly unknown[];
  readonly error: { readonly message: string } | null;
  readonly outputs: Values;
}

interface Timed {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

type Values = Readonly<Record<string, string>>;

/** Two executions side by side, from what is seen of them. `a` is the one that is compared with, `b` the one that is looked at. */
export function compareExecutions(a: Compared, b: Compared) {
  return {
    a: about(a),
    b: about(b),
    duration: durations(a, b),
    variables: differing(a.variables, b.variables),
    revisions: names(a.revisions.map(actionOf), b.revisions.map(actionOf)).map((action) => ({
      action,
      ...revisionPair(a, b, action),
    })),
    stages: names(b.stages.map(nameOf), a.stages.map(nameOf)).map((name) =>
      compareStages(name, find(a.stages, name), find(b.stages, name)),
    ),
    artifacts: names(a.artifacts.map(nameOf), b.artifacts.map(nameOf)).map((name) => ({
      name,
      ...pair(find(a.artifacts, name)?.digest, find(b.artifacts, name)?.digest),
    })),
  };
}

interface Pair<T> {
  readonly a: T | null;
  readonly b: T | null;
  readonly isSame: boolean;
}

function about({ id, number, pipeline, version, status, startedAt, endedAt }: Compared) {
  return { id, number, pipeline, version, status, startedAt, endedAt };
}

function compareStages(name: string, a: ComparedStage | undefined, b: ComparedStage | undefined) {
  const status = pair(a?.status, b?.status);
  const [ofA, ofB] = [a?.actions ?? [], b?.actions ?? []];
  const actions = names(ofB.map(nameOf), ofA.map(nameOf)).map((action) =>
    compareActions(action, find(ofA, action), find(ofB, action)),
  );
  const isSame = status.isSame && isInBoth(a, b) && actions.every((action) => action.isSame);
  return { name, isSame, status, duration: durations(a, b), actions };
}

function compareActions(name: string, a: ComparedAction | undefined, b: ComparedAction | undefined) {
  const status = pair(a?.status, b?.status);
  const attempts = { a: a?.attempts.length ?? 0, b: b?.attempts.length ?? 0 };
  const error = pair(a?.error?.message, b?.error?.message);
  const outputs = differing(a?.outputs ?? {}, b?.outputs ?? {});
  const isSame = isInBoth(a, b) && status.isSame && error.isSame && outputs.length === 0 && attempts.a === attempts.b;
  return { name, isSame, status, duration: durations(a, b), attempts, error, outputs };
}

function revisionPair(a: Compared, b: Compared, action: string) {
  const of = ({ revisions }: Compared) => revisions.find((revision) => revision.action === action);
  const [before, after] = [of(a), of(b)];
  const told = (revision: typeof before) =>
    revision === undefined ? null : { id: revision.id, digest: revision.digest, summary: revision.summary };
  return { a: told(before), b: told(after), isSame: before?.id === after?.id && before?.digest === after?.digest };
}

function differing(a: Values, b: Values): readonly (Pair<string> & { readonly name: string })[] {
  const valueOf = (values: Values, name: string): string | undefined =>
    Object.hasOwn(values, name) ? values[name] : undefined;
  return names(Object.keys(a), Object.keys(b))
    .map((name) => ({ name, ...pair(valueOf(a, name), valueOf(b, name)) }))
    .filter(({ isSame }) => !isSame);
}

function durations(a: Timed | undefined, b: Timed | undefined) {
  const [before, after] = [durationOf(a), durationOf(b)];
  return { a: before, b: after, differenceMs: before === null || after === null ? null : after - before };
}

function durationOf(of: Timed | undefined): number | null {
  if (of === undefined || of.startedAt === null || of.endedAt === null) return null;
  return Date.parse(of.endedAt) - Date.parse(of.startedAt);
}

function pair<T extends string>(a: T | null | undefined, b: T | null | undefined): Pair<T> {
  return { a: a ?? null, b: b ?? null, isSame: (a ?? null) === (b ?? null) };
}

function isInBoth(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined;
}

/** Each once; those of the first in their order, then what only the second has. */
function names(first: readonly string[], second: readonly string[]): readonly string[] {
  return [...new Set([...first, ...second])];
}

function find<T extends { readonly name: string }>(items: readonly T[], name: string): T | undefined {
  return items.find((item) => item.name === name);
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function actionOf({ action }: { readonly action: string }): string {
  return action;
}
