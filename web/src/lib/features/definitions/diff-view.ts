import type { DefinitionChange } from '#lib/api/contract.ts';

/** A change in a few words, before its place. */
export function describeChange({ kind, what, name }: DefinitionChange): string {
  const of = what === 'member' ? '' : ` ${what}`;
  return `${kind}${of}${name === undefined ? '' : ` ${name}`}`;
}

/** A value as people read it: text as it is, the rest as indented JSON. */
export function valueText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
