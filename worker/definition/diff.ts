import type { DefinitionChange } from '../../contract/pipeline-diff.ts';
import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { type DefinitionProblem, pathText } from './problem.ts';

type Path = readonly (string | number)[];
type Members = Readonly<Record<string, unknown>>;
type What = DefinitionChange['what'];

/** What each list is made of. Their items are matched by name; every other list is one value. */
const LISTS: Readonly<Record<string, What>> = {
  stages: 'stage',
  actions: 'action',
  rules: 'rule',
  variables: 'variable',
  triggers: 'trigger',
  outputs: 'output',
};

/**
 * What is different in the later definition. Stages keep an order: of those that both have, the fewest are called moved. An action
 * of the same name in another stage has moved there; within its stage only its run order counts.
 */
export function diffDefinitions(before: PipelineDefinition, after: PipelineDefinition): readonly DefinitionChange[] {
  return movedActions(diffMembers(before, after, [], []));
}

function diffValue(before: unknown, after: unknown, from: Path, to: Path, what: What): readonly DefinitionChange[] {
  if (isEqual(before, after)) return [];
  if (before === undefined) return [{ kind: 'added', what, path: pathText(to), after }];
  if (after === undefined) return [{ kind: 'removed', what, path: pathText(from), before }];
  if (isMembers(before) && isMembers(after)) return diffMembers(before, after, from, to);
  return [{ kind: 'changed', what, path: pathText(to), before, after }];
}

function diffMembers(before: Members, after: Members, from: Path, to: Path): readonly DefinitionChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const what = LISTS[key];
    const [old, young] = [before[key], after[key]];
    const isList = what !== undefined && isNamedList(old ?? []) && isNamedList(young ?? []);
    if (!isList) return diffValue(old, young, [...from, key], [...to, key], 'member');
    return diffList(
      { items: (old ?? []) as readonly Members[], path: [...from, key] },
      { items: (young ?? []) as readonly Members[], path: [...to, key] },
      what,
    );
  });
}

interface List {
  readonly items: readonly Members[];
  readonly path: Path;
}

function diffList(before: List, after: List, what: What): readonly DefinitionChange[] {
  const olds = new Map(before.items.map((item, index) => [nameOf(item), { item, index }]));
  const youngs = new Map(after.items.map((item, index) => [nameOf(item), { item, index }]));
  const inBoth = [...youngs.keys()].filter((name) => olds.has(name));
  const still = what === 'stage' ? longestRising(inBoth, (name) => olds.get(name)?.index ?? 0) : new Set(inBoth);
  const removed = [...olds].flatMap(([name, { item, index }]): readonly DefinitionChange[] =>
    youngs.has(name) ? [] : [{ kind: 'removed', what, name, path: pathText([...before.path, index]), before: item }],
  );
  const others = [...youngs].flatMap(([name, { item, index }]): readonly DefinitionChange[] => {
    const path = [...after.path, index];
    const old = olds.get(name);
    if (old === undefined) return [{ kind: 'added', what, name, path: pathText(path), after: item }];
    const from = [...before.path, old.index];
    const moved: DefinitionChange = { kind: 'moved', what, name, path: pathText(path), from: pathText(from) };
    return [...(still.has(name) ? [] : [moved]), ...diffMembers(old.item, item, from, path)];
  });
  return [...removed, ...others];
}

/** Taken out of one stage and put into another: that is one change, and what is different about it comes after. */
function movedActions(changes: readonly DefinitionChange[]): readonly DefinitionChange[] {
  const taken = changes.filter(({ kind, what }) => kind === 'removed' && what === 'action');
  const put = changes.filter(({ kind, what }) => kind === 'added' && what === 'action');
  const moves = put.flatMap((added) => {
    const sources = taken.filter(({ name }) => name === added.name);
    const targets = put.filter(({ name }) => name === added.name);
    const removed = sources.length === 1 && targets.length === 1 ? sources[0] : undefined;
    return removed === undefined ? [] : [{ added, removed }];
  });
  return changes.flatMap((change): readonly DefinitionChange[] => {
    if (moves.some(({ removed }) => removed === change)) return [];
    const move = moves.find(({ added }) => added === change);
    if (move === undefined) return [change];
    const { added, removed } = move;
    const { name, path } = added;
    const inside = diffMembers(removed.before as Members, added.after as Members, [], []).map((inner) => ({
      ...inner,
      path: joined(inner.kind === 'removed' ? removed.path : path, inner.path),
    }));
    return [
      { kind: 'moved', what: 'action', ...(name === undefined ? {} : { name }), path, from: removed.path },
      ...inside,
    ];
  });
}

function joined(outer: DefinitionProblem['path'], inner: string): string {
  return `${outer}${inner.startsWith('[') ? '' : '.'}${inner}`;
}

/** The most names that stand in the same order before and after. */
function longestRising(names: readonly string[], position: (name: string) => number): ReadonlySet<string> {
  const best: { readonly length: number; readonly chain: readonly string[] }[] = [];
  for (const [index, name] of names.entries()) {
    const before = best
      .slice(0, index)
      .filter((_, at) => position(names[at] ?? '') < position(name))
      .reduce((longest, one) => (one.length > longest.length ? one : longest), {
        length: 0,
        chain: [] as readonly string[],
      });
    best.push({ length: before.length + 1, chain: [...before.chain, name] });
  }
  const longest = best.reduce<readonly string[]>((chain, one) => (one.length > chain.length ? one.chain : chain), []);
  return new Set(longest);
}

function nameOf(item: Members): string {
  const { name, source, schedule } = item;
  if (typeof name === 'string') return name;
  if (typeof source === 'string') return source;
  return isMembers(schedule) && typeof schedule['name'] === 'string' ? schedule['name'] : '';
}

function isNamedList(value: unknown): value is readonly Members[] {
  return Array.isArray(value) && value.every((item) => isMembers(item) && nameOf(item) !== '');
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
  }
  if (!isMembers(one) || !isMembers(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}
