import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { CreatedInvitation, Grant, GrantRole, Invitation, Member, MemberRole, Page } from '#lib/api/contract.ts';

export async function listMembers(api: ApiClient): Promise<readonly Member[]> {
  return (await api.get<Page<Member>>(apiPath('members'))).items;
}

export function changeRole(api: ApiClient, id: string, role: MemberRole): Promise<Member> {
  return api.put(apiPath('members', id), { role });
}

export function removeMember(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('members', id));
}

export async function listInvitations(api: ApiClient): Promise<readonly Invitation[]> {
  return (await api.get<Page<Invitation>>(apiPath('invitations'))).items;
}

export function invite(
  api: ApiClient,
  order: { readonly email: string; readonly role: MemberRole; readonly expiresInDays: number },
): Promise<CreatedInvitation> {
  return api.post(apiPath('invitations'), order);
}

export function withdrawInvitation(api: ApiClient, id: string): Promise<void> {
  return api.delete(apiPath('invitations', id));
}

export async function listGrants(api: ApiClient, member: string): Promise<readonly Grant[]> {
  return (await api.get<Page<Grant>>(apiPath('members', member, 'grants'))).items;
}

export function setGrant(api: ApiClient, member: string, pipeline: string, role: GrantRole): Promise<Grant> {
  return api.put(apiPath('members', member, 'grants', pipeline), { role });
}

export function removeGrant(api: ApiClient, member: string, pipeline: string): Promise<void> {
  return api.delete(apiPath('members', member, 'grants', pipeline));
}
