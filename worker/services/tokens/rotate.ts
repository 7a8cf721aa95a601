import type { CreatedToken } from '../../../contract/tokens.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { mayManage, refuseMoreThanHeld, refuseToMint, serviceRole } from './limits.ts';
import { insertToken, rightsOf } from './mint.ts';
import { findToken } from './tokens.ts';
import { tokenView } from './view.ts';

const HOUR_MS = 60 * 60_000;

/** A new text for the same rights. The old one works on for a while, so that whoever uses it can change over in peace. */
export async function rotateToken(ctx: ServiceContext, id: string, overlapHours: number): Promise<CreatedToken> {
  const { tenant, ports } = ctx;
  const old = await findToken(ctx, id);
  if (!mayManage(ctx, old)) throw new DomainError('forbidden', 'You may not do this. It needs token:write.');
  const isMine = ctx.actor.kind === 'person' && ctx.actor.id === old.userId;
  // Whoever reads the new text can use it, so rotating asks for as much as making does.
  refuseToMint(ctx, old.kind);
  if (old.kind === 'user' && !isMine) {
    throw new DomainError('forbidden', 'Only the person it acts for may rotate it.');
  }
  const role = serviceRole(old.role);
  if (old.kind === 'service' && role !== undefined) {
    refuseMoreThanHeld(ctx, { role, ...(old.scopes === null ? {} : { scopes: old.scopes }) });
  }
  const now = ports.clock.now();
  if (old.kind === 'registration' || old.rotatedTo !== null || old.expiresAt <= now) {
    throw new DomainError(
      'token_not_rotatable',
      'A token is rotated once, while it is valid; make a new one instead.',
    );
  }
  const { name, kind, userId, runnerId, scopes, pipelines } = old;
  const { row, token } = await insertToken(ctx, {
    name,
    kind,
    role: old.role,
    userId,
    runnerId,
    scopes,
    pipelines,
    createdBy: actorName(ctx.actor),
    expiresAt: now + (old.expiresAt - old.createdAt),
  });
  const until = Math.min(old.expiresAt, now + overlapHours * HOUR_MS);
  if (!(await ports.tokens.replace(tenant.id, id, row.id, until))) {
    await ports.tokens.remove(tenant.id, row.id);
    throw new DomainError('token_not_rotatable', 'It has been rotated or revoked meanwhile.');
  }
  const view = tokenView(row, await ports.pipelineIndex.names(tenant.id, pipelines ?? []));
  ctx.note?.({
    before: { expiresAt: new Date(old.expiresAt).toISOString() },
    after: { rotatedTo: row.id, expiresAt: new Date(until).toISOString(), rights: rightsOf(view) },
  });
  return { ...view, token };
}
