import { stringify } from 'yaml';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { parseDefinition } from '../parse.ts';
import type { DefinitionProblem } from '../problem.ts';
import { warningsOf } from '../warnings.ts';
import { type Imported, importCodePipeline } from './import.ts';
import { importTemplate, isTemplate, type TemplateOptions } from './template.ts';
import { readTemplateText } from './template-text.ts';

export interface ImportedText {
  /** Undefined while something is wrong. */
  readonly definition: PipelineDefinition | undefined;
  /** As a person would write it; there as soon as the text is a pipeline at all, so that what is wrong can be put right in it. */
  readonly yaml: string | undefined;
  readonly errors: readonly DefinitionProblem[];
  readonly warnings: readonly DefinitionProblem[];
}

/** Reads CodePipeline's JSON or a CloudFormation template, and checks what comes of it. */
export function importText(text: string, options: TemplateOptions = {}): ImportedText {
  const read = readTemplateText(text);
  if (!read.ok) return { definition: undefined, yaml: undefined, errors: read.problems, warnings: [] };
  return importValue(read.value, options);
}

export function importValue(value: unknown, options: TemplateOptions = {}): ImportedText {
  const imported: Imported = isTemplate(value) ? importTemplate(value, options) : importCodePipeline(value);
  const { document, problems, warnings } = imported;
  if (document === undefined) return { definition: undefined, yaml: undefined, errors: problems, warnings };
  const parsed = parseDefinition(document);
  const errors = [...problems, ...(parsed.ok ? [] : parsed.problems)];
  return {
    definition: parsed.ok && errors.length === 0 ? parsed.definition : undefined,
    yaml: stringify(document, { lineWidth: 0 }),
    errors,
    warnings: [...warnings, ...(parsed.ok ? warningsOf(parsed.definition) : [])],
  };
}
