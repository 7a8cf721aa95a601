import type { Comparison } from '../../../contract/compare.ts';
import { duration } from './explain.ts';

type Stage = Comparison['stages'][number];
type Action = Stage['actions'][number];

/** Only what is different; durations that differ by less than this are noise. */
const NOISE_MS = 1_000;

/** What is different between two executions, as text. */
export function describeComparison(comparison: Comparison): readonly string[] {
  const { a, b, variables, revisions, stages, artifacts, definition } = comparison;
  const sections = [
    ...section('Definition', definitionLines(definition)),
    ...section(
      'Variables',
      variables.map((one) => named(one.name, one.a, one.b)),
    ),
    ...section(
      'Revisions',
      revisions
        .filter(({ isSame }) => !isSame)
        .map((one) => named(one.action, one.a?.summary ?? null, one.b?.summary ?? null)),
    ),
    ...section('Stages', stages.flatMap(stageLines)),
    ...section(
      'Artifacts',
      artifacts.filter(({ isSame }) => !isSame).map((one) => named(one.name, short(one.a), short(one.b))),
    ),
  ];
  const head = `${title(a)} → ${title(b)}${slower(comparison.duration.differenceMs)}`;
  return sections.length === 0 ? [head, 'Nothing else is different.'] : [head, ...sections];
}

function title({ pipeline, number, version, status }: Comparison['a']): string {
  return `${pipeline} #${number} (version ${version}, ${status})`;
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${name}:`, ...lines.map((line) => `  ${line}`)];
}

function definitionLines(changes: Comparison['definition']): readonly string[] {
  if (changes === null) return ['cannot be compared: a version is gone'];
  return changes.map(
    ({ kind, what, name, path }) => `${kind} ${what}${name === undefined ? '' : ` ${name}`} at ${path}`,
  );
}

function stageLines(stage: Stage): readonly string[] {
  const actions = stage.actions.flatMap((action) => actionLines(action).map((line) => `  ${line}`));
  const own = [
    ...(stage.status.isSame ? [] : [change(stage.status.a, stage.status.b)]),
    ...longer(stage.duration.differenceMs),
  ];
  return own.length === 0 && actions.length === 0
    ? []
    : [`${stage.name}: ${own.join(', ')}`.replace(/: $/, ''), ...actions];
}

function actionLines({ name, status, attempts, duration: time, error, outputs }: Action): readonly string[] {
  const facts = [
    ...(status.isSame ? [] : [change(status.a, status.b)]),
    ...(attempts.a === attempts.b ? [] : [`attempts ${attempts.a} → ${attempts.b}`]),
    ...longer(time.differenceMs),
    ...(error.isSame ? [] : [`error ${change(error.a, error.b)}`]),
    ...outputs.map((output) => named(output.name, output.a, output.b)),
  ];
  return facts.length === 0 ? [] : [`${name}: ${facts.join(', ')}`];
}

function named(name: string, a: string | null, b: string | null): string {
  return `${name}: ${change(a, b)}`;
}

function change(a: string | null, b: string | null): string {
  return `${a ?? 'none'} → ${b ?? 'none'}`;
}

function short(digest: string | null): string | null {
  return digest === null ? null : digest.slice(0, 'sha256:'.length + 12);
}

function slower(differenceMs: number | null): string {
  const [text] = longer(differenceMs);
  return text === undefined ? '' : `, ${text}`;
}

function longer(differenceMs: number | null): readonly string[] {
  if (differenceMs === null || Math.abs(differenceMs) < NOISE_MS) return [];
  return [`${duration(Math.abs(differenceMs))} ${differenceMs > 0 ? 'longer' : 'shorter'}`];
}
