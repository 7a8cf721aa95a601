import type { MemberRole } from '../../../contract/members.ts';
import { highestRole, ROLES } from '../../auth/permissions.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';

/** Nobody gives a role above their own, or touches somebody who has one: else every admin would be an owner at heart. */
export function assertWithinOwn({ holding }: Pick<ServiceContext, 'holding'>, role: MemberRole): void {
  if (ROLES.indexOf(role) <= (holding.role === undefined ? -1 : ROLES.indexOf(holding.role))) return;
  throw new DomainError('role_too_high', `Only somebody who is at least ${role} may do this.`);
}

/** The library's word for a member without a role of ours is `member`: they count as operators. */
export function roleOf(text: string | null): MemberRole {
  const names = (text ?? '').split(',').map((name) => (name === 'member' ? 'operator' : name));
  return highestRole(names) ?? 'viewer';
}
