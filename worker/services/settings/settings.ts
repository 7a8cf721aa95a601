import type { ChangeSettings, Settings } from '../../../contract/settings.ts';
import { actorName, type ServiceContext } from '../context.ts';

export function getSettings({ tenant, ports }: ServiceContext): Promise<Settings> {
  return ports.settings.get(tenant.id);
}

export async function changeSettings(ctx: ServiceContext, change: ChangeSettings): Promise<Settings> {
  const { tenant, ports, actor } = ctx;
  const before = await getSettings(ctx);
  await ports.settings.change(tenant.id, change, { at: ports.clock.now(), by: actorName(actor) });
  const after = await getSettings(ctx);
  ctx.note?.({ before: { ...before }, after: { ...after } });
  return after;
}
