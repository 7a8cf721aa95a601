import type { syntaxTree } from '@codemirror/language';

type Tree = ReturnType<typeof syntaxTree>;
type SyntaxNode = Tree['topNode'];

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** `stages[2].actions[0].name` in steps. */
export function pathSteps(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}

/** The text that a place of the document means: its key where it has one. As near as can be when it is not there. */
export function locate(tree: Tree, text: string, path: string): Span {
  let node = contentOf(tree.topNode);
  let span: Span = firstLine(text);
  for (const step of pathSteps(path)) {
    const found = node === undefined ? undefined : child(node, text, step);
    if (found === undefined) return span;
    span = found.span;
    node = found.value;
  }
  return span;
}

/** What cannot be read at all has no path, but a line and a column in its message. */
export function spanInMessage(text: string, message: string): Span | undefined {
  const [, line, column] = /at line (\d+), column (\d+)/.exec(message) ?? [];
  if (line === undefined || column === undefined) return undefined;
  const lines = text.split('\n');
  const before = lines.slice(0, Number(line) - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const from = Math.min(text.length, before + Number(column) - 1);
  return { from, to: Math.min(text.length, before + (lines[Number(line) - 1]?.length ?? 0)) };
}

function child(node: SyntaxNode, text: string, step: string | number) {
  if (typeof step === 'number') {
    const items = node.name === 'BlockSequence' ? node.getChildren('Item') : flowItems(node);
    const item = items[step];
    if (item === undefined) return undefined;
    const value = contentOf(item) ?? item;
    return { value, span: lineOf(text, value) };
  }
  const pairs = [...node.getChildren('Pair'), ...node.getChildren('FlowMapping')];
  for (const pair of pairs) {
    const key = pair.getChild('Key');
    if (key === null || unquoted(text.slice(key.from, key.to)) !== step) continue;
    return { value: contentOf(pair), span: { from: key.from, to: key.to } };
  }
  return undefined;
}

function flowItems(node: SyntaxNode): readonly SyntaxNode[] {
  return node.name === 'FlowSequence' ? node.getChildren('Item') : [];
}

const CONTENT = [
  'BlockMapping',
  'BlockSequence',
  'FlowMapping',
  'FlowSequence',
  'Literal',
  'QuotedLiteral',
  'BlockLiteral',
];

/** What stands in a document, behind a dash or behind a key. */
function contentOf(node: SyntaxNode): SyntaxNode | undefined {
  for (let each = node.lastChild; each !== null; each = each.prevSibling) {
    if (CONTENT.includes(each.name)) return each;
    if (each.name === 'Document' || each.name === 'Tagged' || each.name === 'Anchored') {
      const inner = contentOf(each);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function lineOf(text: string, { from: start, to }: SyntaxNode): Span {
  const from = start + (text.slice(start, to).length - text.slice(start, to).trimStart().length);
  const end = text.indexOf('\n', from);
  return { from, to: end === -1 ? to : Math.min(to, end) };
}

function firstLine(text: string): Span {
  const end = text.indexOf('\n');
  return { from: 0, to: end === -1 ? text.length : end };
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
