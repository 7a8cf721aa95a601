/**
 * Globs as CodePipeline has them, which are Java's: `*` within a segment, `**` across segments, `?` for one character, `[a-z]` and
 * `[!a-z]`, `{one,other}` once deep, and a backslash before what is meant as it stands. A glob covers the whole text. All ways
 * through it are walked side by side, so the time grows with the lengths alone, whatever somebody writes.
 */
export type Glob = (text: string) => boolean;

type Step =
  | { readonly kind: 'Take'; readonly takes: (character: string) => boolean }
  | { readonly kind: 'Repeat'; readonly takes: (character: string) => boolean }
  /** Goes on at any of these places. */
  | { readonly kind: 'Fork'; readonly to: number[] };

const anything = (): boolean => true;
const inSegment = (character: string): boolean => character !== '/';

export function glob(pattern: string): Glob {
  const steps = compile(pattern);
  if (typeof steps === 'string') return (text) => text === pattern;
  return (text) => walk(steps, text);
}

/** What is wrong with a pattern, said so that it can go on after the pattern itself. */
export function globProblem(pattern: string): string | undefined {
  const steps = compile(pattern);
  return typeof steps === 'string' ? steps : undefined;
}

function walk(steps: readonly Step[], text: string): boolean {
  let places = new Set<number>();
  reach(steps, 0, places);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      const step = steps[place];
      if (step === undefined || step.kind === 'Fork' || !step.takes(character)) continue;
      reach(steps, step.kind === 'Repeat' ? place : place + 1, next);
    }
    if (next.size === 0) return false;
    places = next;
  }
  return places.has(steps.length);
}

/** This place, and all that are reached from it without another character. Every step ahead is beyond it, so this ends. */
function reach(steps: readonly Step[], from: number, places: Set<number>): void {
  const open = [from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (places.has(place)) continue;
    places.add(place);
    const step = steps[place];
    if (step?.kind === 'Fork') open.push(...step.to);
    if (step?.kind === 'Repeat') open.push(place + 1);
  }
}

function compile(pattern: string): readonly Step[] | string {
  const characters = Array.from(pattern);
  const steps: Step[] = [];
  // Of the group that is open: the fork into its alternatives, and those at the ends of them.
  let group: { readonly fork: number[]; readonly ends: number[][] } | undefined;
  const end = (): void => {
    const out: number[] = [];
    steps.push({ kind: 'Fork', to: out });
    group?.ends.push(out);
  };
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '\\') {
      at += 1;
      const escaped = characters[at];
      if (escaped === undefined) return 'ends in a backslash; write two for one';
      steps.push(literally(escaped));
    } else if (character === '*') {
      const crosses = characters[at + 1] === '*';
      if (crosses) at += 1;
      steps.push({ kind: 'Repeat', takes: crosses ? anything : inSegment });
    } else if (character === '?') {
      steps.push({ kind: 'Take', takes: inSegment });
    } else if (character === '[') {
      const set = setFrom(characters, at + 1);
      if (typeof set === 'string') return set;
      steps.push({ kind: 'Take', takes: set.takes });
      at = set.last;
    } else if (character === '{') {
      if (group !== undefined) return 'has braces within braces';
      const fork = [steps.length + 1];
      steps.push({ kind: 'Fork', to: fork });
      group = { fork, ends: [] };
    } else if (character === ',' && group !== undefined) {
      end();
      group.fork.push(steps.length);
    } else if (character === '}' && group !== undefined) {
      end();
      for (const out of group.ends) out.push(steps.length);
      group = undefined;
    } else {
      steps.push(literally(character));
    }
  }
  return group === undefined ? steps : 'has a { without its }';
}

function literally(wanted: string): Step {
  return { kind: 'Take', takes: (character) => character === wanted };
}

function setFrom(
  characters: readonly string[],
  first: number,
): { readonly takes: (character: string) => boolean; readonly last: number } | string {
  const last = characters.indexOf(']', first);
  if (last === -1) return 'has a [ without its ]';
  const isNegated = characters[first] === '!';
  const inside = characters.slice(isNegated ? first + 1 : first, last);
  if (inside.length === 0) return 'has nothing between [ and ]';
  if (inside.includes('/')) return 'has a / between [ and ], which never fits';
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < inside.length; at += 1) {
    const low = inside[at] ?? '';
    const high = inside[at + 1] === '-' ? inside[at + 2] : undefined;
    if (high === undefined) {
      ranges.push([low, low]);
      continue;
    }
    if (codeOf(high) < codeOf(low)) return `has the range ${low}-${high}, which runs backwards`;
    ranges.push([low, high]);
    at += 2;
  }
  const holds = (character: string): boolean =>
    ranges.some(([low, high]) => codeOf(low) <= codeOf(character) && codeOf(character) <= codeOf(high));
  return { takes: (character) => inSegment(character) && holds(character) !== isNegated, last };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
