import type { CustomEvent } from './source-event.ts';
import type { WebhookTrigger } from './trigger-plan.ts';

export type WebhookMatch =
  | { readonly kind: 'Start'; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: 'Filtered'; readonly reasons: readonly string[] };

const VALUE_MAX = 1_000;

/** `read`: what is at a path of the payload; undefined where there is nothing that can be written as text. */
export function matchWebhook(
  triggers: readonly WebhookTrigger[],
  hook: string,
  { type }: Pick<CustomEvent, 'type'>,
  read: (path: string) => string | undefined,
): WebhookMatch {
  const watching = triggers.filter((trigger) => trigger.hook === hook);
  const reasons: string[] = [];
  for (const { types, where, variables } of watching) {
    if (types !== undefined && !types.includes(type)) {
      reasons.push(`The type "${type}" is not among ${types.join(', ')}.`);
      continue;
    }
    const against = where.find(({ path, equals }) => read(path) !== equals);
    if (against !== undefined) {
      const { path, equals } = against;
      reasons.push(`At ${path} there is ${quoted(read(path))}, not "${equals}".`);
      continue;
    }
    const values = Object.entries(variables).map(([name, path]) => ({ name, path, value: read(path) }));
    const bad = values.find(({ value }) => value === undefined || value === '' || value.length > VALUE_MAX);
    if (bad === undefined) {
      return { kind: 'Start', variables: Object.fromEntries(values.map(({ name, value }) => [name, value ?? ''])) };
    }
    const what = bad.value === undefined || bad.value === '' ? 'There is nothing' : 'There is too long a text';
    reasons.push(`${what} at ${bad.path} for the variable ${bad.name}.`);
  }
  if (watching.length === 0) {
    reasons.push(`The current version of the pipeline has no trigger for the hook "${hook}".`);
  }
  return { kind: 'Filtered', reasons };
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'nothing' : `"${value.slice(0, 100)}"`;
}
