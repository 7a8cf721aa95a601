import type { Log } from '../../kernel/log.ts';
import type { Ports } from '../context.ts';

/** Each costs a few reads and a write, and there is another round soon. */
const TENANTS_MAX = 100;

/** While the installation's key is replaced: takes every tenant's keys over to the new one, so many a time. */
export async function rewrapKeys({ dataKeys }: Pick<Ports, 'dataKeys'>, log: Log): Promise<void> {
  for (const tenant of await dataKeys.outdated(TENANTS_MAX)) {
    // One that cannot be unwrapped is no reason to leave the others.
    await dataKeys
      .rewrap(tenant)
      .catch((error: unknown) => log.error('data keys not wrapped anew', { tenant }, error));
  }
}
