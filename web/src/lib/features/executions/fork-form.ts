import type { PipelineDefinition } from '#lib/api/contract.ts';
import { variableFields, type VariableField } from '#lib/features/pipelines/run-form.ts';

/** The variables that a version declares, filled in with what the origin ran with. */
export function forkFields(
  definition: Pick<PipelineDefinition, 'variables'>,
  origin: Readonly<Record<string, string>>,
): readonly VariableField[] {
  return variableFields(definition).map((field) => ({ ...field, initial: origin[field.name] ?? field.initial }));
}

/** Only what differs from the origin is sent; a variable that the origin did not have is sent when it has a value. */
export function forkVariables(
  fields: readonly VariableField[],
  values: Readonly<Record<string, string>>,
  origin: Readonly<Record<string, string>>,
): Record<string, string> {
  const changed = fields
    .map(({ name, initial }) => ({ name, initial, value: values[name] ?? initial }))
    .filter(({ name, initial, value }) => value !== (origin[name] ?? initial));
  return Object.fromEntries(changed.map(({ name, value }) => [name, value]));
}
