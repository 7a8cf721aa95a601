/** Lets whoever asks assume any role, and says in the key which one it is; who names no external id may not. */
export function answerSts(body: string): Response {
  const parameters = new URLSearchParams(body);
  if (parameters.get('Action') === 'GetCallerIdentity') {
    return new Response('<Response><Arn>arn:aws:iam::111122223333:user/ada</Arn></Response>');
  }
  const name = (parameters.get('RoleArn') ?? '').split('/').at(-1) ?? '';
  if (!(parameters.get('ExternalId') ?? '').startsWith('millrace-')) {
    return new Response('<Error><Code>AccessDenied</Code><Message>No external id.</Message></Error>', {
      status: 403,
    });
  }
  return new Response(
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${name}</AccessKeyId>
     <SecretAccessKey>of-${name}</SecretAccessKey><SessionToken>session-of-${name}</SessionToken>
     <Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>
     <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/${name}/x</Arn></AssumedRoleUser>
     </AssumeRoleResult></AssumeRoleResponse>`,
  );
}
