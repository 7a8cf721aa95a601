import { type Freeze, holdAt } from '../calendar/freeze.ts';
import type { Clock } from '../kernel/clock.ts';
import { type ActionProvider, answering, met, unmet } from './provider.ts';

export interface FreezeParts {
  readonly clock: Clock;
  /** The tenant's whole calendar. */
  readonly freezes: (tenant: string) => Promise<readonly Freeze[]>;
}

/** Entries may be changed while somebody waits for their end. */
const CHECK_AFTER_MAX_MS = 5 * 60_000;

/** Rule/Freeze: holds while no freeze of the tenant's calendar lasts here. `Calendar` leaves only the entries of that name. */
export function freeze({ clock, freezes }: FreezeParts): ActionProvider {
  return answering(['Rule/Freeze'], async ({ tenant, pipeline, stage, configuration }) => {
    const place = { pipeline: pipeline?.name ?? '', stage: stage ?? '', calendar: configuration['Calendar'] };
    const now = clock.now();
    const hold = holdAt(await freezes(tenant), place, now);
    if (hold === undefined) return met('No freeze holds this stage.');
    const names = hold.freezes.map(({ name }) => `"${name}"`).join(' and ');
    const until = new Date(hold.until).toISOString().slice(0, 16);
    return unmet(`Held by the freeze ${names} until ${until}Z.`, Math.min(hold.until - now, CHECK_AFTER_MAX_MS));
  });
}
