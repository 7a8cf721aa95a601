/** Crockford's base 32 in lower case: no letter that looks like a digit, nothing that a URL or a shell would mind. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random id of `length` characters, five bits each. */
export function newId(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}
