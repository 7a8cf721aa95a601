/**
 * The part of JSONPath (RFC 9535) that names one value: `$.status`, `$.checks[0]['the name']`; the `$.` may be left out. Undefined:
 * not such a path. What it makes answers undefined where there is nothing.
 */
export function jsonPath(path: string): ((document: unknown) => unknown) | undefined {
  const text = /^[A-Za-z_]/.test(path) ? `$.${path}` : path.startsWith('[') ? `$${path}` : path;
  if (!text.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  const step = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) return undefined;
    const [, name, index, single, double] = match;
    steps.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index));
  }
  return (document) => steps.reduce(child, document);
}

function child(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof step === 'number') return Array.isArray(value) ? (value[step] as unknown) : undefined;
  return Object.hasOwn(value, step) ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
}
