import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { DefinitionProblem } from '../problem.ts';

export type ReadText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] };

/** JSON, or YAML with CloudFormation's short forms: `!Ref x` means `{ Ref: x }`, `!Sub x` means `{ "Fn::Sub": x }`. */
export function readTemplateText(text: string): ReadText {
  const json = asJson(text);
  if (json !== undefined) return { ok: true, value: json };
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, logLevel: 'silent' });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => ({ path: '', message: message.split('\n')[0] ?? message }));
    return { ok: false, problems };
  }
  if (hasAlias(document)) {
    return {
      ok: false,
      problems: [{ path: '', message: 'Anchors and aliases are not taken; write the value out.' }],
    };
  }
  return { ok: true, value: valueOf(document.contents) };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasAlias(document: Document): boolean {
  const search = (node: unknown): boolean => {
    if (isAlias(node)) return true;
    if (isSeq(node)) return node.items.some(search);
    return isMap(node) && node.items.some(({ value }) => search(value));
  };
  return search(document.contents);
}

function valueOf(node: Node | null): unknown {
  if (node === null) return null;
  const value = plainValueOf(node);
  const tag = node.tag ?? '';
  return /^![A-Za-z]/.test(tag) ? longForm(tag.slice(1), value) : value;
}

function plainValueOf(node: Node): unknown {
  if (isSeq(node)) return node.items.map((item) => valueOf(item as Node | null));
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => [
      isScalar(key) ? String(key.value) : String(key),
      valueOf(value as Node | null),
    ]);
    return Object.fromEntries(entries);
  }
  return isScalar(node) ? node.value : undefined;
}

function longForm(tag: string, value: unknown): unknown {
  if (tag === 'Ref' || tag === 'Condition') return { [tag]: value };
  return { [`Fn::${tag}`]: tag === 'GetAtt' && typeof value === 'string' ? splitOnce(value) : value };
}

function splitOnce(attribute: string): readonly string[] {
  const at = attribute.indexOf('.');
  return at === -1 ? [attribute] : [attribute.slice(0, at), attribute.slice(at + 1)];
}
