import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { type DefinitionProblem, pathText } from './problem.ts';
import { checkRules } from './rules.ts';

export type Parsed =
  | { readonly ok: true; readonly definition: PipelineDefinition }
  | { readonly ok: false; readonly problems: readonly DefinitionProblem[] };

/** Reads a definition from YAML; JSON is YAML too. Aliases are limited, so a small text stays a small document. */
export function parseDefinitionText(text: string): Parsed {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    return failed(document.errors.map(({ message }) => ({ path: '', message: message.split('\n')[0] ?? message })));
  }
  try {
    return parseDefinition(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    return failed([{ path: '', message: `Not a usable YAML document: ${String(error)}` }]);
  }
}

/** Checks shape, then rules; every problem of either kind at once. */
export function parseDefinition(value: unknown): Parsed {
  const shape = PipelineDefinition.safeParse(value);
  if (!shape.success) return failed(shape.error.issues.flatMap((issue) => shapeProblems(issue, value)));
  const problems = checkRules(shape.data);
  return problems.length === 0 ? { ok: true, definition: shape.data } : failed(problems);
}

function shapeProblems(issue: z.core.$ZodIssue, document: unknown): readonly DefinitionProblem[] {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: `"${key}" is not a member known here; remove it or check its spelling.`,
    }));
  }
  if (valueAt(document, issue.path) === undefined && issue.code === 'invalid_type') {
    return [{ path, message: 'is missing.' }];
  }
  return [{ path, message: `${issue.message}.` }];
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );
}

function failed(problems: readonly DefinitionProblem[]): Parsed {
  return { ok: false, problems };
}
