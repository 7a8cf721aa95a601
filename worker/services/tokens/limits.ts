import { can, type Holding, isRole, PERMISSIONS } from '../../auth/permissions.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';

type Kind = TokenRow['kind'];

/** A person's tokens are their own business; those of runners belong to whoever looks after runners. */
export function mayManage({ actor, holding }: ServiceContext, { kind, userId }: Pick<TokenRow, 'kind' | 'userId'>) {
  if (can(holding, 'token:write')) return true;
  if (kind === 'user') return actor.kind === 'person' && actor.id === userId;
  return kind !== 'service' && can(holding, 'runner:write');
}

export function maySee(ctx: ServiceContext, row: Pick<TokenRow, 'kind' | 'userId'>): boolean {
  return can(ctx.holding, 'token:read') || mayManage(ctx, row);
}

export function refuseToMint({ actor, holding }: ServiceContext, kind: Kind): void {
  if (kind === 'user') {
    // Narrowed once, a token must not make itself a wider one.
    if (actor.kind === 'person' && actor.token === undefined) return;
    throw new DomainError('forbidden', 'Only a person who has signed in makes a token that acts for them.');
  }
  const needs = kind === 'service' ? 'token:write' : 'runner:write';
  if (!can(holding, needs)) {
    throw new DomainError('forbidden', `You may not do this. It needs the permission ${needs}.`);
  }
}

/** Nobody hands out what they do not hold themselves. */
export function refuseMoreThanHeld({ holding }: ServiceContext, wanted: Pick<Holding, 'role' | 'scopes'>): void {
  const beyond = PERMISSIONS.find((permission) => can(wanted, permission) && !can(holding, permission));
  if (beyond !== undefined) {
    throw new DomainError('forbidden', `A token may not do more than you: you do not hold ${beyond}.`);
  }
}

/** Service tokens that came before roles may do what they could: everything but what is the owner's. */
export function serviceRole(role: string | null) {
  const held = role ?? 'admin';
  return isRole(held) ? held : undefined;
}
