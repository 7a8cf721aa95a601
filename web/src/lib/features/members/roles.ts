import type { GrantRole, MemberRole } from '#lib/api/contract.ts';

/** From the least to the most. */
export const ROLES: readonly { readonly role: MemberRole; readonly about: string }[] = [
  { role: 'viewer', about: 'Looks at everything, changes nothing.' },
  { role: 'operator', about: 'Starts, stops, retries, approves and rolls back.' },
  { role: 'maintainer', about: 'Changes pipelines, freezes, secrets and runners.' },
  { role: 'admin', about: 'Invites, gives roles and grants, makes tokens.' },
  { role: 'owner', about: 'Everything, with what cannot be undone.' },
];

export const GRANT_ROLES: readonly GrantRole[] = ['viewer', 'operator', 'maintainer'];

/** What somebody with this role may give: nothing above their own. */
export function givableBy(own: MemberRole | undefined): typeof ROLES {
  return ROLES.slice(0, ROLES.findIndex(({ role }) => role === own) + 1);
}

/** Whether somebody may change who the other is here; the server has the last word. */
export function mayChange(own: MemberRole | undefined, other: MemberRole): boolean {
  const isAdmin = own === 'admin' || own === 'owner';
  return isAdmin && givableBy(own).some(({ role }) => role === other);
}
