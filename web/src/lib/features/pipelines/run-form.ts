import type { PipelineDefinition } from '#lib/api/contract.ts';

export interface VariableField {
  readonly name: string;
  readonly description: string | undefined;
  readonly isRequired: boolean;
  readonly initial: string;
}

export function variableFields({ variables }: Pick<PipelineDefinition, 'variables'>): readonly VariableField[] {
  return variables.map(({ name, description, default: initial }) => ({
    name,
    description,
    isRequired: initial === undefined,
    initial: initial ?? '',
  }));
}

/** Only what differs from its default is sent, so that a later default is not frozen into a habit. */
export function changedVariables(
  fields: readonly VariableField[],
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const changed = fields
    .map((field) => ({ ...field, value: values[field.name] ?? field.initial }))
    .filter(({ isRequired, initial, value }) => isRequired || value !== initial);
  return Object.fromEntries(changed.map(({ name, value }) => [name, value]));
}
