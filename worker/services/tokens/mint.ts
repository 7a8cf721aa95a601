import type { CreatedToken, CreateToken, Token } from '../../../contract/tokens.ts';
import { isScope, type Role, ROLES } from '../../auth/permissions.ts';
import { formatToken, TOKEN_SECRET_LENGTH } from '../../auth/token-format.ts';
import type { TokenRow } from '../../storage/tokens.ts';
import { actorName, type ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { refuseAboveQuota } from '../quotas.ts';
import { refuseMoreThanHeld, refuseToMint } from './limits.ts';
import { tokenView } from './view.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
const LIFETIME_DAYS = 90;
const REGISTRATION_MS = 10 * MINUTE_MS;
const ID_LENGTH = 16;

/** What a token is for, without what only its making decides. */
type NewToken = Pick<
  TokenRow,
  'name' | 'kind' | 'expiresAt' | 'role' | 'userId' | 'runnerId' | 'scopes' | 'pipelines' | 'createdBy'
>;

/** Makes a token. Its text is in this answer and nowhere else. */
export async function createToken(ctx: ServiceContext, order: CreateToken): Promise<CreatedToken> {
  const { kind, name } = order;
  refuseToMint(ctx, kind);
  refuseWhatIsNotOf(order);
  const scopes = order.scopes ?? (kind === 'service' ? ctx.holding.scopes : undefined) ?? null;
  const role = kind === 'service' ? (order.role ?? ownRole(ctx)) : null;
  if (role !== null) refuseMoreThanHeld(ctx, { role, ...(scopes === null ? {} : { scopes }) });
  const pipelines = order.pipelines === undefined ? null : await idsOf(ctx, order.pipelines);
  const lifetime = kind === 'registration' ? REGISTRATION_MS : (order.expiresInDays ?? LIFETIME_DAYS) * DAY_MS;
  const userId = kind === 'user' && ctx.actor.kind === 'person' ? ctx.actor.id : null;
  const { row, token } = await insertToken(ctx, {
    name,
    kind,
    role,
    userId,
    runnerId: null,
    scopes,
    pipelines: pipelines === null ? null : [...pipelines.keys()],
    createdBy: actorName(ctx.actor),
    expiresAt: ctx.ports.clock.now() + lifetime,
  });
  const view = tokenView(row, pipelines ?? new Map());
  ctx.note?.({ object: { type: 'token', id: row.id }, after: rightsOf(view) });
  return { ...view, token };
}

/** For the audit log. */
export function rightsOf({ name, kind, role, scopes, pipelines, expiresAt }: Token) {
  return { name, kind, role, scopes, pipelines, expiresAt };
}

/** The one place where a token's text is made; only its keyed hash is kept. */
export async function insertToken(
  { tenant, ports }: ServiceContext,
  of: NewToken,
): Promise<{ readonly row: Omit<TokenRow, 'tenantId'>; readonly token: string }> {
  await refuseAboveQuota({ tenant, ports }, 'tokens');
  const { clock, newId, tokens, hashToken } = ports;
  const token = formatToken(of.kind, tenant.id, newId(TOKEN_SECRET_LENGTH));
  const row = {
    ...of,
    id: newId(ID_LENGTH),
    hash: await hashToken(token),
    createdAt: clock.now(),
    lastUsedAt: null,
    usedAt: null,
    rotatedTo: null,
  };
  await tokens.insert(tenant.id, row);
  return { row, token };
}

function ownRole({ holding }: ServiceContext): Role {
  const { role = 'viewer' } = holding;
  return ROLES.indexOf(role) > ROLES.indexOf('admin') ? 'admin' : role;
}

/** Says every place that is wrong at once, as definitions do. */
function refuseWhatIsNotOf({ kind, role, scopes, pipelines, expiresInDays }: CreateToken): void {
  const isForApi = kind === 'service' || kind === 'user';
  const errors = [
    ...(role !== undefined && kind !== 'service' ? [{ path: 'role', message: 'Only service tokens have one.' }] : []),
    ...(scopes !== undefined && !isForApi ? [{ path: 'scopes', message: `A ${kind} token has none.` }] : []),
    ...(pipelines !== undefined && !isForApi ? [{ path: 'pipelines', message: `A ${kind} token has none.` }] : []),
    ...(expiresInDays !== undefined && kind === 'registration'
      ? [{ path: 'expiresInDays', message: 'A registration token is good for ten minutes.' }]
      : []),
    ...(scopes ?? []).flatMap((scope, index) =>
      isScope(scope)
        ? []
        : [{ path: `scopes[${index}]`, message: `"${scope}" covers no permission; like execution:start or *:read.` }],
    ),
  ];
  if (errors.length > 0) throw new DomainError('validation_failed', 'This token cannot be made.', { errors });
}

/** From ids to names, in the order given. */
async function idsOf({ tenant, ports }: ServiceContext, names: readonly string[]): Promise<Map<string, string>> {
  const rows = await Promise.all(names.map((name) => ports.pipelineIndex.byName(tenant.id, name)));
  const errors = rows.flatMap((row, index) =>
    row === undefined
      ? [{ path: `pipelines[${index}]`, message: `There is no pipeline "${names[index] ?? ''}".` }]
      : [],
  );
  if (errors.length > 0) throw new DomainError('validation_failed', 'This token cannot be made.', { errors });
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.id, row.name] as const])));
}
