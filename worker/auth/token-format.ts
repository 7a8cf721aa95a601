/**
 * `mr_{kind}_{tenant}_{secret}{checksum}`: the prefix tells secret scanners whose it is, the kind tells people what it is for,
 * the tenant tells which database to ask, and the checksum refuses typing errors without asking any.
 */
export const TOKEN_KINDS = { service: 'svc', user: 'usr', runner: 'run', registration: 'reg' } as const;
export type TokenKind = keyof typeof TOKEN_KINDS;

const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 7;
const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';
const FORMAT = new RegExp(`^(mr_([a-z]+)_([0-9A-Za-z]+)_[0-9a-z]{${SECRET_LENGTH}})([0-9a-z]{${CHECKSUM_LENGTH}})$`);

export function formatToken(kind: TokenKind, tenant: string, secret: string): string {
  const body = `mr_${TOKEN_KINDS[kind]}_${tenant}_${secret}`;
  return body + checksum(body);
}

/** Undefined: not one of ours, or mistyped. */
export function parseToken(text: string): { readonly tenant: string; readonly kind: TokenKind } | undefined {
  const [, body, short, tenant, sum] = FORMAT.exec(text) ?? [];
  const kind = (Object.keys(TOKEN_KINDS) as TokenKind[]).find((candidate) => TOKEN_KINDS[candidate] === short);
  if (body === undefined || tenant === undefined || kind === undefined || checksum(body) !== sum) return undefined;
  return { tenant, kind };
}

export const TOKEN_SECRET_LENGTH = SECRET_LENGTH;

/** CRC-32 (IEEE 802.3), as base 32. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = '';
  for (let digit = 0; digit < CHECKSUM_LENGTH; digit += 1) {
    digits = BASE32.charAt(rest % 32) + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}
