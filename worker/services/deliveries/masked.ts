import { Redactor } from '../../../contract/redact/redactor.ts';
import type { HookRow } from '../../storage/hooks.ts';
import type { ServiceContext } from '../context.ts';

/** Takes every secret of the hook and of its connection out of a text, in whichever form it may be there. */
export async function masked({ tenant, ports }: ServiceContext, hook: HookRow): Promise<(text: string) => string> {
  const { hooks, store } = ports.connections;
  const secrets = [...(await hooks.openSecrets(hook, ports.clock.now()))];
  const row = hook.connectionId === null ? undefined : await store.byId(tenant.id, hook.connectionId);
  if (row !== undefined) {
    const credentials = await store.open(row);
    if (credentials.kind === 'token') secrets.push(credentials.token);
    if (credentials.kind === 'app') secrets.push(credentials.privateKey);
    if (credentials.kind === 'keys') secrets.push(credentials.secretAccessKey);
  }
  const redactor = new Redactor(secrets);
  return (text) => redactor.text(text);
}
