/** One thing wrong with a definition: where, what, and what would be right. */
export interface DefinitionProblem {
  /** Like `stages[2].actions[0].configuration.Seconds`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
}

export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );
}
