import type { Token } from '../../../contract/tokens.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { mayManage, maySee } from './limits.ts';
import { tokenView } from './view.ts';

export async function listTokens(ctx: ServiceContext): Promise<Token[]> {
  const { tenant, ports } = ctx;
  const rows = (await ports.tokens.list(tenant.id)).filter((row) => maySee(ctx, row));
  const pipelines = new Set(rows.flatMap((row) => row.pipelines ?? []));
  const names = await ports.pipelineIndex.names(tenant.id, [...pipelines]);
  return rows.map((row) => tokenView(row, names));
}

/** The very next request with it is refused: nobody keeps tokens in memory. */
export async function revokeToken(ctx: ServiceContext, id: string): Promise<void> {
  const row = await findToken(ctx, id);
  if (!mayManage(ctx, row)) throw new DomainError('forbidden', 'You may not do this. It needs token:write.');
  const { name, kind, role, createdBy } = row;
  ctx.note?.({ before: { name, kind, role, createdBy } });
  if (!(await ctx.ports.tokens.remove(ctx.tenant.id, id))) throw tokenNotFound(id);
}

/** Somebody else's is not there for those who may not see it. */
export async function findToken(ctx: ServiceContext, id: string): Promise<TokenRow> {
  const row = await ctx.ports.tokens.byId(ctx.tenant.id, id);
  if (row === undefined || !maySee(ctx, row)) throw tokenNotFound(id);
  return row;
}

function tokenNotFound(id: string): DomainError {
  return new DomainError('token_not_found', `There is no token "${id}".`);
}
