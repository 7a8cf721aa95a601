/** The expression is not one; the message completes "Cron …". */
export class CronError extends Error {
  override readonly name = 'CronError';
}

export interface FieldSpec {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for the values from `min` on. */
  readonly names?: readonly string[];
  /** A range may not run over the end, as `22-2` does for hours. */
  readonly noWrap?: boolean;
}

/** The values that a field names, ascending: `*`, `5`, `1-5`, `22-2`, `0/15`, and lists of them. */
export function field(text: string, spec: FieldSpec): readonly number[] {
  const values = new Set(text.split(',').flatMap((part) => partOf(part, spec)));
  return [...values].sort((one, other) => one - other);
}

export function valueOf(text: string, { name, min, max, names = [] }: FieldSpec): number {
  const named = names.indexOf(text);
  const value = named !== -1 ? named + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new CronError(`has the ${name} "${text}"; it must be ${min} to ${max}${hint(names)}`);
}

function partOf(part: string, spec: FieldSpec): readonly number[] {
  const [range = '', stepText, ...more] = part.split('/');
  if (more.length > 0) throw new CronError(`has the ${spec.name} "${part}", with more than one /`);
  const step = stepText === undefined ? 1 : Number(/^\d{1,4}$/.exec(stepText)?.[0] ?? 0);
  if (step === 0) throw new CronError(`has the ${spec.name} "${part}"; the step after / must be a number above 0`);
  const { from, to } = rangeOf(range, stepText !== undefined, spec);
  const length = to >= from ? to - from : to - from + (spec.max - spec.min + 1);
  const values: number[] = [];
  for (let at = 0; at <= length; at += step) {
    const value = from + at;
    values.push(value > spec.max ? value - (spec.max - spec.min + 1) : value);
  }
  return values;
}

function rangeOf(text: string, hasStep: boolean, spec: FieldSpec): { readonly from: number; readonly to: number } {
  if (text === '*') return { from: spec.min, to: spec.max };
  const [first = '', last, ...more] = text.split('-');
  if (more.length > 0) throw new CronError(`has the ${spec.name} "${text}", with more than one -`);
  const from = valueOf(first, spec);
  if (last === undefined) return { from, to: hasStep ? spec.max : from };
  const to = valueOf(last, spec);
  if (spec.noWrap === true && to < from) throw new CronError(`has the ${spec.name} "${text}", which runs backwards`);
  return { from, to };
}

function hint(names: readonly string[]): string {
  return names.length === 0 ? '' : ` or ${names[0] ?? ''} to ${names.at(-1) ?? ''}`;
}
