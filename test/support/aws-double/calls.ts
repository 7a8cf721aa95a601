import { AwsCalls } from '../../../worker/aws/client.ts';
import { type AwsIdentity, AwsSessions } from '../../../worker/aws/sessions.ts';
import { AwsDouble } from './aws-double.ts';

/** Our own calls, to the double. */
export function callsTo(double: AwsDouble, identity: Partial<AwsIdentity> = {}, now = (): number => 0): AwsCalls {
  const send = ({ url, method, headers, body }: Parameters<ConstructorParameters<typeof AwsCalls>[1]['send']>[0]) =>
    double.answer(new Request(url, { method, headers, ...(body === undefined ? {} : { body }) }));
  const sessions = new AwsSessions({ now }, send);
  const who: AwsIdentity = {
    keys: { accessKeyId: AwsDouble.KEY, secretAccessKey: 'secret' },
    roles: [],
    region: 'eu-central-1',
    owner: 'tenant-a/hub',
    session: 'millrace-aws',
    ...identity,
  };
  return new AwsCalls(who, { send, sessions });
}
