import type { PipelineDefinition } from '../../contract/pipeline-definition.ts';
import { parseDefinitionText } from '../../worker/definition/parse.ts';

/** What is wrong with a definition, message by path. */
export function problemsOf(text: string): Record<string, string> {
  const parsed = parseDefinitionText(text);
  if (parsed.ok) return {};
  return Object.fromEntries(parsed.problems.map(({ path, message }) => [path, message]));
}

export function definitionOf(text: string): PipelineDefinition {
  const parsed = parseDefinitionText(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.definition;
}
