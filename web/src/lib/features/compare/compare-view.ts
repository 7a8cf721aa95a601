import type { Comparison } from '#lib/api/contract.ts';
import { formatExactDuration } from '#lib/ui/time.ts';

type Duration = Comparison['duration'];
type Action = Comparison['stages'][number]['actions'][number];

/** Two durations and their difference, as far as they are known. */
export function describeDurations({ a, b, differenceMs }: Duration): {
  readonly a: string;
  readonly b: string;
  readonly difference: string | undefined;
} {
  return { a: length(a), b: length(b), difference: describeDifference(differenceMs) };
}

function describeDifference(ms: number | null): string | undefined {
  if (ms === null || ms === 0) return undefined;
  return `${formatExactDuration(Math.abs(ms))} ${ms > 0 ? 'slower' : 'faster'}`;
}

function length(ms: number | null): string {
  return ms === null ? '–' : formatExactDuration(ms);
}

/** What went into both that is not the same. */
export function differingInputs({ variables, revisions }: Comparison): readonly {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}[] {
  return [
    ...variables.map(({ name, a, b }) => ({ name, a: a ?? '–', b: b ?? '–' })),
    ...revisions
      .filter(({ isSame }) => !isSame)
      .map(({ action, a, b }) => ({
        name: `revision of ${action}`,
        a: a === null ? '–' : revisionText(a),
        b: b === null ? '–' : revisionText(b),
      })),
  ];
}

function revisionText({ id, summary }: { readonly id: string; readonly summary: string }): string {
  return summary === '' ? id : summary;
}

/** Everything of an action that differs, beside its status and duration. */
export function actionRemarks({ attempts, error, outputs }: Action): readonly string[] {
  return [
    ...(attempts.a === attempts.b ? [] : [`attempts: ${attempts.a} and ${attempts.b}`]),
    ...(error.isSame ? [] : [`error: ${error.a ?? 'none'} and ${error.b ?? 'none'}`]),
    ...outputs.map(({ name, a, b }) => `${name}: ${a ?? 'none'} and ${b ?? 'none'}`),
  ];
}

export function isAllSame(comparison: Comparison): boolean {
  return (
    differingInputs(comparison).length === 0 &&
    comparison.stages.every(({ isSame }) => isSame) &&
    comparison.artifacts.every(({ isSame }) => isSame) &&
    comparison.definition?.length === 0
  );
}
