import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';

export type StartProblem =
  | { readonly code: 'variable_unknown'; readonly names: readonly string[] }
  | { readonly code: 'variable_missing'; readonly names: readonly string[] };

/** The variables that an execution starts with: what the caller gave over what the definition defaults to. */
export function startVariables(
  declared: PipelineDefinition['variables'],
  given: Readonly<Record<string, string>>,
): { readonly variables: Readonly<Record<string, string>> } | { readonly problem: StartProblem } {
  const unknown = Object.keys(given).filter((name) => !declared.some((variable) => variable.name === name));
  if (unknown.length > 0) return { problem: { code: 'variable_unknown', names: unknown } };
  const missing = declared.filter(
    (variable) => variable.default === undefined && !Object.hasOwn(given, variable.name),
  );
  if (missing.length > 0) return { problem: { code: 'variable_missing', names: missing.map(({ name }) => name) } };
  return {
    variables: Object.fromEntries(declared.map(({ name, default: value }) => [name, given[name] ?? value ?? ''])),
  };
}
