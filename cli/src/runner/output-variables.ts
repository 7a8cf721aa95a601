import { OUTPUT_VARIABLES_MAX_BYTES } from '../../../contract/runner-protocol.ts';

export type ParsedVariables =
  | { readonly ok: true; readonly variables: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string };

const NAME_MAX = 128;

/** `NAME=value` lines, or `NAME<<END` with the value on the lines up to `END`. A later line wins over an earlier one. */
export function parseOutputVariables(text: string): ParsedVariables {
  if (Buffer.byteLength(text) > OUTPUT_VARIABLES_MAX_BYTES) {
    return refused(` holds more than ${OUTPUT_VARIABLES_MAX_BYTES} bytes.`);
  }
  const variables = new Map<string, string>();
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.trim() === '') continue;
    const [, name, operator, rest = ''] = /^([A-Za-z0-9@_-]+)(=|<<(?=\S+$))(.*)$/s.exec(line) ?? [];
    if (name === undefined) return refused(`, line ${index + 1}: not NAME=value.`);
    if (name.length > NAME_MAX) return refused(`, line ${index + 1}: the name has more than ${NAME_MAX} characters.`);
    if (operator === '=') {
      variables.set(name, rest);
      continue;
    }
    const end = lines.indexOf(rest, index + 1);
    if (end === -1) return refused(`: "${name}" is never closed by ${rest.slice(0, NAME_MAX)}.`);
    variables.set(name, lines.slice(index + 1, end).join('\n'));
    index = end;
  }
  return { ok: true, variables: Object.fromEntries(variables) };
}

function refused(what: string): ParsedVariables {
  return { ok: false, message: `$MILLRACE_OUTPUT${what}` };
}
