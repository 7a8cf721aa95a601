/**
 * What an object keeps and sends is JSON. A member that is undefined is there as long as the object stays awake and gone once it has
 * slept, so nothing of the engine's may have one.
 */
export function expectStorable(value: unknown, path = 'it'): void {
  if (value === undefined || typeof value === 'function' || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new Error(`${path} is ${String(value)}, and would not be there after a night's sleep`);
  }
  if (value === null || typeof value !== 'object') return;
  for (const [name, member] of Object.entries(value)) expectStorable(member, `${path}.${name}`);
}
