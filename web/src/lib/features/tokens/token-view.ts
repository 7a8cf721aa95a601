import type { NewToken, Token } from '#lib/api/contract.ts';

export type TokenKind = Token['kind'];
export type TokenRole = NonNullable<Token['role']>;

export const roles: readonly TokenRole[] = ['viewer', 'operator', 'maintainer', 'admin', 'owner'];

export const kinds: readonly { readonly kind: TokenKind; readonly name: string; readonly about: string }[] = [
  { kind: 'service', name: 'Service', about: 'A program with a role of its own, as in a pipeline or a script.' },
  { kind: 'user', name: 'Personal', about: 'Acts for you, with the rights that you have at the time.' },
  {
    kind: 'registration',
    name: 'Runner registration',
    about: 'Registers one runner, within ten minutes; it gets a token of its own.',
  },
  { kind: 'runner', name: 'Runner', about: 'Connects any number of runners and may do nothing else.' },
];

export interface TokenForm {
  readonly name: string;
  readonly kind: TokenKind;
  readonly role: TokenRole;
  /** As typed, with commas or spaces between. */
  readonly scopes: string;
  readonly pipelines: string;
  readonly expiresInDays: number;
}

/** Only what a token of that kind has; what was typed for another kind meanwhile does not count. */
export function orderOf({ name, kind, role, scopes, pipelines, expiresInDays }: TokenForm): NewToken {
  const isForApi = kind === 'service' || kind === 'user';
  const [scopeList, pipelineList] = [words(scopes), words(pipelines)];
  return {
    name: name.trim(),
    kind,
    ...(kind === 'service' ? { role } : {}),
    ...(isForApi && scopeList.length > 0 ? { scopes: scopeList } : {}),
    ...(isForApi && pipelineList.length > 0 ? { pipelines: pipelineList } : {}),
    ...(kind === 'registration' ? {} : { expiresInDays }),
  };
}

/** What it may do, in a few words. */
export function reachOf({ kind, role, scopes, pipelines }: Token): string {
  if (kind === 'runner') return 'connects runners';
  if (kind === 'registration') return 'registers one runner';
  const who = kind === 'user' ? 'acts for its person' : (role ?? 'no role');
  const what = scopes === null ? '' : `, only ${scopes.join(', ')}`;
  const where = pipelines === null ? '' : `, only in ${pipelines.join(', ')}`;
  return `${who}${what}${where}`;
}

export function standingOf({ expiresAt, usedAt, rotatedTo }: Token, now: number): string | undefined {
  if (Date.parse(expiresAt) <= now) return 'expired';
  if (usedAt !== null) return 'used up';
  return rotatedTo === null ? undefined : 'rotated';
}

export function isRotatable(token: Token, now: number): boolean {
  return token.kind !== 'registration' && standingOf(token, now) === undefined;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
