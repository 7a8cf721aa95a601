import { parseDocument } from 'yaml';
import { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { checkDefinition } from './check.ts';
import type { DefinitionProblem } from './problem.ts';
import { shapeProblems } from './shape.ts';

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
  const document = withoutSchema(value);
  const shape = PipelineDefinition.safeParse(document);
  if (!shape.success) return failed(shape.error.issues.flatMap((issue) => shapeProblems(issue, document)));
  const problems = checkDefinition(shape.data);
  return problems.length === 0 ? { ok: true, definition: shape.data } : failed(problems);
}

/** `$schema` tells an editor how to help, and says nothing about the pipeline. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$schema' in value)) return value;
  const { $schema: _, ...document } = value;
  return document;
}

function failed(problems: readonly DefinitionProblem[]): Parsed {
  return { ok: false, problems };
}
