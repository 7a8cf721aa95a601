export type YamlTokenKind = 'key' | 'text' | 'punctuation' | 'comment' | 'reference' | 'plain';

export interface YamlToken {
  readonly kind: YamlTokenKind;
  readonly text: string;
}

/** Enough of YAML to colour a definition; never enough to read one. Joined, the tokens are the line again. */
export function yamlTokens(line: string): readonly YamlToken[] {
  const tokens: YamlToken[] = [];
  let at = 0;
  while (at < line.length) {
    token.lastIndex = at;
    const found = token.exec(line);
    const [text = line[at] ?? ''] = found ?? [];
    tokens.push({ kind: kindOf(found, line, at), text });
    at += text.length;
  }
  return tokens;
}

const token =
  /(?<comment>#(?!\{).*)|(?<reference>#\{[^}]*\})|(?<key>[\w.@-]+(?=:(?:\s|$)))|(?<text>"(?:\\.|[^"\\])*"|'(?:''|[^'])*')|(?<punctuation>[-?:,[\]{}|>&*!]+)|[^\S\n]+|[^\s,[\]{}:#"']+/y;

function kindOf(found: RegExpExecArray | null, line: string, at: number): YamlTokenKind {
  const groups = found?.groups ?? {};
  // A # inside a word does not begin a comment.
  if (groups['comment'] !== undefined) return at === 0 || /\s/.test(line[at - 1] ?? '') ? 'comment' : 'plain';
  if (groups['reference'] !== undefined) return 'reference';
  if (groups['key'] !== undefined) return 'key';
  if (groups['text'] !== undefined) return 'text';
  return groups['punctuation'] === undefined ? 'plain' : 'punctuation';
}
