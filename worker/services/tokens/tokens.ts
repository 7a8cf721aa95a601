import type { Token } from '../../../contract/tokens.ts';
import { formatToken, TOKEN_SECRET_LENGTH, type TokenKind } from '../../auth/token-format.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';

const LIFETIME_MS = 90 * 24 * 60 * 60_000;

/** Makes a token. Its text is in this answer and nowhere else. */
export async function createToken(
  ctx: ServiceContext,
  order: { readonly name: string; readonly kind: TokenKind },
): Promise<Token & { token: string }> {
  const { clock, newId, tokens, hashToken } = ctx.ports;
  const token = formatToken(order.kind, ctx.tenant.id, newId(TOKEN_SECRET_LENGTH));
  const now = clock.now();
  const row = {
    id: newId(16),
    hash: await hashToken(token),
    name: order.name,
    kind: order.kind,
    createdAt: now,
    createdBy: actorName(ctx.actor),
    expiresAt: now + LIFETIME_MS,
    role: null,
    userId: null,
    runnerId: null,
    scopes: null,
    pipelines: null,
    lastUsedAt: null,
    usedAt: null,
    rotatedTo: null,
  };
  await tokens.insert(ctx.tenant.id, row);
  return { ...tokenView(row), token };
}

export async function listTokens(ctx: ServiceContext): Promise<Token[]> {
  return (await ctx.ports.tokens.list(ctx.tenant.id)).map(tokenView);
}

export async function revokeToken(ctx: ServiceContext, id: string): Promise<void> {
  const isRemoved = await ctx.ports.tokens.remove(ctx.tenant.id, id);
  if (!isRemoved) throw new DomainError('token_not_found', `There is no token "${id}".`);
}

function tokenView({ id, name, kind, createdAt, createdBy, expiresAt }: Omit<TokenRow, 'tenantId'>): Token {
  return {
    id,
    name,
    kind,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
