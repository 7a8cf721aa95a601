import { assumeRole, type AwsKeys, callerArn, type StsParts } from './sts.ts';

interface Access extends AwsKeys {
  readonly region: string;
  readonly endpoint?: string;
  readonly role?: { readonly arn: string; readonly externalId: string };
}

/** Who somebody is who has these keys, and the role, if there is one to assume: an ARN. */
export async function awsIdentity(access: Access, send: StsParts['send']): Promise<{ readonly name: string }> {
  const { region, endpoint, role, ...keys } = access;
  const parts: StsParts = { region, send, ...(endpoint === undefined ? {} : { endpoint }) };
  const own = await callerArn(keys, parts);
  if (role === undefined) return { name: own };
  return { name: (await assumeRole(keys, { ...role, session: 'millrace-test' }, parts)).arn };
}
