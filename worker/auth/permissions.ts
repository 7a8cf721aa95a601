/**
 * Who may do what: pure, and deny by default. A permission is `resource:verb`; a role is a set of them; a grant gives a person a
 * further role for one pipeline; a token's scopes take away, never add.
 */

export const ROLES = ['viewer', 'operator', 'maintainer', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** What each role adds to the one before it. */
const ADDED = {
  viewer: [
    'pipeline:read',
    'execution:read',
    'artifact:read',
    'log:read',
    'runner:read',
    'freeze:read',
    'setting:read',
    'usage:read',
    'member:read',
  ],
  operator: [
    'execution:start',
    'execution:stop',
    'execution:retry',
    'execution:override',
    'approval:answer',
    'stage:rollback',
    'transition:set',
    'source:upload',
    'artifact:write',
  ],
  maintainer: [
    'pipeline:write',
    'pipeline:delete',
    'freeze:write',
    'secret:read',
    'secret:write',
    'runner:write',
    'connection:read',
  ],
  admin: [
    'member:write',
    'grant:write',
    'token:read',
    'token:write',
    'connection:write',
    'setting:write',
    'key:rotate',
    'audit:read',
    'index:repair',
    'tenant:write',
    'tenant:export',
    'sign-on:read',
    'sign-on:write',
  ],
  owner: ['tenant:delete', 'owner:write'],
} as const satisfies Readonly<Record<Role, readonly string[]>>;

export type Permission = (typeof ADDED)[Role][number];

export const PERMISSIONS: readonly Permission[] = ROLES.flatMap((role): readonly Permission[] => ADDED[role]);

const HELD: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: upTo('viewer'),
  operator: upTo('operator'),
  maintainer: upTo('maintainer'),
  admin: upTo('admin'),
  owner: upTo('owner'),
};

/** A permission, all of a resource (`execution:*`), a verb on everything (`*:read`), or everything (`*`). */
export type Scope = string;

/** What somebody holds in one tenant. */
export interface Holding {
  /** In the whole tenant; absent: only what the grants say. */
  readonly role?: Role;
  /** Further roles, by the id of a pipeline. */
  readonly grants?: Readonly<Record<string, Role>>;
  /** Of a token: what it may be used for. Absent: everything that its holder may. */
  readonly scopes?: readonly Scope[];
  /** Of a token: ids of the pipelines it may be used for. Absent: all of them. */
  readonly pipelines?: readonly string[];
}

/** `pipeline`: the id of the one that is touched; absent for what belongs to the tenant as a whole. */
export function can(holding: Holding, permission: Permission, pipeline?: string): boolean {
  const { role, grants, scopes, pipelines } = holding;
  if (scopes !== undefined && !scopes.some((scope) => covers(scope, permission))) return false;
  if (pipelines !== undefined && (pipeline === undefined || !pipelines.includes(pipeline))) return false;
  if (role !== undefined && HELD[role].has(permission)) return true;
  const granted = pipeline === undefined ? undefined : own(grants, pipeline);
  return granted !== undefined && HELD[granted].has(permission) && isAboutPipelines(permission);
}

export function isScope(text: string): boolean {
  return PERMISSIONS.some((permission) => covers(text, permission));
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

export function permissionsOf(role: Role): ReadonlySet<Permission> {
  return HELD[role];
}

/** Of several roles the most powerful one; roles that are not ours count for nothing. */
export function highestRole(names: readonly string[]): Role | undefined {
  return ROLES.findLast((role) => names.includes(role));
}

function covers(scope: Scope, permission: Permission): boolean {
  if (scope === '*' || scope === permission) return true;
  const [resource, verb] = permission.split(':');
  return scope === `${resource ?? ''}:*` || scope === `*:${verb ?? ''}`;
}

/** A grant for one pipeline opens nothing that belongs to the tenant. */
function isAboutPipelines(permission: Permission): boolean {
  const resources = [
    'pipeline',
    'execution',
    'approval',
    'stage',
    'transition',
    'source',
    'artifact',
    'log',
    'secret',
  ];
  return resources.includes(permission.split(':')[0] ?? '');
}

function own(grants: Holding['grants'], pipeline: string): Role | undefined {
  return grants !== undefined && Object.hasOwn(grants, pipeline) ? grants[pipeline] : undefined;
}

function upTo(role: Role): ReadonlySet<Permission> {
  const roles = ROLES.slice(0, ROLES.indexOf(role) + 1);
  return new Set(roles.flatMap((one): readonly Permission[] => ADDED[one]));
}
