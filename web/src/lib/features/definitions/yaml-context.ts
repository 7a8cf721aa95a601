/** Where in a YAML document somebody is typing. Read by indentation alone, because a document that is being typed does not parse. */
export interface YamlContext {
  /** Keys from the outside in; `*` is an item of a list. */
  readonly path: readonly string[];
  /** The key whose value is typed; undefined: a key, or an item of a list, is. */
  readonly key: string | undefined;
  /** What has been typed of it, and where that begins. */
  readonly typed: string;
  readonly from: number;
  /** How far keys of the same mapping are indented. */
  readonly column: number;
  /** Of every mapping on the way, beside `path`: what it says already. The last is the one that is typed in. */
  readonly mappings: readonly Mapping[];
}

export interface Mapping {
  /** How many steps of the path lead to it. */
  readonly depth: number;
  readonly entries: Readonly<Record<string, string>>;
}

interface Line {
  readonly indent: number;
  /** Where its key begins, behind the dashes of a list. */
  readonly column: number;
  readonly hasDash: boolean;
  readonly key: string | undefined;
  readonly value: string;
}

export function yamlContext(text: string, offset: number): YamlContext {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const lines = text.split('\n').map(readLine);
  const at = text.slice(0, start).split('\n').length - 1;
  const before = text.slice(start, offset);
  const flow = flowContext(before);
  const here = readLine(flow?.outer ?? before) ?? blankLine(before);
  const { key, typed } = flow ?? splitEntry(before.slice(here.column));
  const around = climb(lines, at, here);
  const inner = flow === undefined ? [] : [...(here.key === undefined ? [] : [here.key]), ...flow.items];
  const path = [...around.path, ...inner];
  const mappings =
    flow === undefined ? around.mappings : [...around.mappings, { depth: path.length, entries: flow.entries }];
  return { path, key, typed, from: offset - typed.length, column: here.column, mappings };
}

/** From the line that is typed in outwards, from mapping to mapping. */
function climb(lines: readonly (Line | undefined)[], at: number, here: Line) {
  const steps: string[] = [];
  const levels: { readonly above: number; readonly entries: Record<string, string> }[] = [];
  let column = here.column;
  let index = at;
  let isFirst = true;
  for (;;) {
    const mapping = mappingAt(lines, index, column, isFirst ? here : undefined);
    levels.push({ above: steps.length, entries: mapping.entries });
    let outer = column;
    if (mapping.dash !== undefined) {
      steps.push('*');
      outer = mapping.dash + 1;
    }
    const parent = parentOf(lines, mapping.start, outer);
    if (parent === undefined) break;
    steps.push(lines[parent]?.key ?? '');
    column = lines[parent]?.column ?? 0;
    index = parent;
    isFirst = false;
  }
  const path = steps.toReversed();
  const mappings = levels.map(({ above, entries }) => ({ depth: path.length - above, entries })).toReversed();
  return { path, mappings };
}

/** The entries of the mapping around a line, and the dash that it hangs on. */
function mappingAt(lines: readonly (Line | undefined)[], index: number, column: number, typed: Line | undefined) {
  const entries: Record<string, string> = {};
  const take = ({ key, value }: Line) => {
    if (key !== undefined) entries[key] = value;
  };
  let start = index;
  let dash: number | undefined;
  for (let at = index; at >= 0; at -= 1) {
    const line = at === index && typed !== undefined ? typed : lines[at];
    if (line === undefined) continue;
    if (line.column < column) break;
    if (line.column > column) continue;
    if (at !== index || typed === undefined) take(line);
    start = at;
    if (line.hasDash) {
      dash = line.indent;
      break;
    }
  }
  for (let at = index + 1; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined || line.column > column) continue;
    if (line.column < column || line.hasDash) break;
    take(line);
  }
  return { entries, start, dash };
}

/** The nearest key above that is indented less. A list may stand right below its key. */
function parentOf(lines: readonly (Line | undefined)[], start: number, column: number): number | undefined {
  for (let at = start - 1; at >= 0; at -= 1) {
    const line = lines[at];
    if (line?.key !== undefined && line.column < column && line.value === '') return at;
  }
  return undefined;
}

const ENTRY = /^(["']?)([\w.$@-]+)\1:(?:\s+(.*))?$/;

function readLine(text: string): Line | undefined {
  const [, spaces = '', dashes = '', rest = ''] = /^( *)((?:- +|-$)*)(.*)$/.exec(text) ?? [];
  if (rest === '' && dashes === '') return undefined;
  if (rest.startsWith('#')) return undefined;
  const entry = ENTRY.exec(rest.trimEnd());
  return {
    indent: spaces.length,
    column: spaces.length + dashes.length,
    hasDash: dashes !== '',
    key: entry?.[2],
    value: (entry?.[3] ?? '').replace(/\s+#.*$/, ''),
  };
}

function blankLine(text: string): Line {
  return { indent: text.length, column: text.length, hasDash: false, key: undefined, value: '' };
}

function splitEntry(text: string): { readonly key: string | undefined; readonly typed: string } {
  const entry = /^(["']?)([\w.$@-]+)\1:\s+(.*)$/.exec(text);
  return entry === null ? { key: undefined, typed: text.trimStart() } : { key: entry[2], typed: entry[3] ?? '' };
}

/** Inside `{ … }` or `[ … ]` on this line: what is typed there, and the line up to it. */
function flowContext(before: string) {
  const open: number[] = [];
  for (let at = 0; at < before.length; at += 1) {
    const character = before[at];
    if (character === '{' && before[at - 1] !== '#') open.push(at);
    else if (character === '[') open.push(at);
    else if (character === '}' || character === ']') open.pop();
  }
  const last = open.at(-1);
  const first = open[0];
  if (last === undefined || first === undefined) return undefined;
  const outer = before.slice(0, first);
  const inside = before.slice(last + 1);
  const segments = inside.split(/,\s*/);
  const { key, typed } = splitEntry((segments.at(-1) ?? '').trimStart());
  const entries = Object.fromEntries(
    segments.slice(0, -1).flatMap((segment) => {
      const entry = ENTRY.exec(segment.trim());
      return entry?.[2] === undefined ? [] : [[entry[2], entry[3] ?? ''] as const];
    }),
  );
  return { outer, key, typed, entries, items: flowSteps(before, open) };
}

/** The steps that lead from the outermost bracket to the innermost. */
function flowSteps(before: string, open: readonly number[]): readonly string[] {
  return open.flatMap((at, index) => {
    const isList = before[at] === '[';
    const next = open[index + 1];
    const step = isList ? ['*'] : [];
    if (next === undefined) return step;
    const between = before.slice(at + 1, next);
    const key = /([\w.$@-]+):\s*$/.exec(between)?.[1];
    return key === undefined || isList ? step : [key];
  });
}
