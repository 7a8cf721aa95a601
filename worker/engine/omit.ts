/** The same object without these members; for optional facts that no longer hold. */
export function omit<T extends object, K extends keyof T>(object: T, ...keys: readonly K[]): Omit<T, K> {
  const entries = Object.entries(object).filter(([key]) => !keys.includes(key as K));
  // The entries are the object's own, less those that the type says are gone.
  return Object.fromEntries(entries) as Omit<T, K>;
}
