import type { ExportResult, ImportResult } from '../../../contract/pipeline-import.ts';
import { exportCodePipeline } from '../../definition/codepipeline/export.ts';
import { importText, importValue } from '../../definition/codepipeline/import-text.ts';
import type { ServiceContext } from '../context.ts';
import { getPipeline } from './read.ts';

export interface ImportOrder {
  readonly document: string | object;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly resource?: string | undefined;
}

/** Makes a definition of CodePipeline's JSON or a CloudFormation template. Nothing is saved. */
export function importPipeline({ document, parameters = {}, resource }: ImportOrder): ImportResult {
  const options = { parameters, resource };
  const imported = typeof document === 'string' ? importText(document, options) : importValue(document, options);
  const { definition, yaml, errors, warnings } = imported;
  return {
    valid: definition !== undefined,
    definition: definition ?? null,
    yaml: yaml ?? null,
    errors,
    warnings,
  };
}

export async function exportPipeline(ctx: ServiceContext, name: string, version?: number): Promise<ExportResult> {
  const { pipeline } = await getPipeline(ctx, name, version);
  return exportCodePipeline(pipeline.definition);
}
