import type { z } from 'zod';
import { type DefinitionProblem, pathText } from './problem.ts';

/** What zod found, said to a person: every place that is wrong, and of several forms the one that was meant. */
export function shapeProblems(issue: z.core.$ZodIssue, document: unknown): readonly DefinitionProblem[] {
  const path = pathText(issue.path);
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue.errors);
    if (meant === undefined) return [{ path, message: `must be ${expectations(issue.errors)}.` }];
    return meant.flatMap((inner) => shapeProblems({ ...inner, path: [...issue.path, ...inner.path] }, document));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: `"${key}" is not a member known here; remove it or check its spelling.`,
    }));
  }
  if (valueAt(document, issue.path) === undefined && issue.code === 'invalid_type') {
    return [{ path, message: 'is missing.' }];
  }
  return [{ path, message: `${issue.message}.` }];
}

/** Of several forms the one that the author had in mind: whose outermost type fits. */
function meantBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const isOther = ({ code, path }: z.core.$ZodIssue): boolean =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  return branches.find((issues) => !issues.some(isOther));
}

function expectations(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const expected = branches.flat().map((issue) => {
    if (issue.code === 'invalid_type') return issue.expected === 'object' ? 'a map' : `a ${issue.expected}`;
    return issue.code === 'invalid_value' ? issue.values.map(String).join(', ') : issue.message;
  });
  return [...new Set(expected)].join(' or ');
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );
}
