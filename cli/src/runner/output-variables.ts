import { OUTPUT_VARIABLES_MAX_BYTES } from '../../../contract/runner-protocol.ts';

export type ParsedVariables =
  | { readonly ok: true; readonly variables: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string };

/** `NAME=value` lines, or `NAME<<END` with the value on the lines up to `END`. A later line wins over an earlier one. */
export function parseOutputVariables(text: string): ParsedVariables {
  if (Buffer.byteLength(text) > OUTPUT_VARIABLES_MAX_BYTES) {
    return { ok: false, message: `$MILLRACE_OUTPUT holds more than ${OUTPUT_VARIABLES_MAX_BYTES} bytes.` };
  }
  const variables: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.trim() === '') continue;
    const [, multiName, delimiter] = /^([A-Za-z0-9@_-]+)<<(\S+)$/.exec(line) ?? [];
    if (multiName !== undefined) {
      const end = lines.indexOf(delimiter ?? '', index + 1);
      if (end === -1) {
        return { ok: false, message: `$MILLRACE_OUTPUT: "${multiName}" is never closed by ${delimiter ?? ''}.` };
      }
      variables[multiName] = lines.slice(index + 1, end).join('\n');
      index = end;
      continue;
    }
    const [, name, value] = /^([A-Za-z0-9@_-]+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) return { ok: false, message: `$MILLRACE_OUTPUT, line ${index + 1}: not NAME=value.` };
    variables[name] = value ?? '';
  }
  return { ok: true, variables };
}
