/**
 * Whether two texts or byte strings are the same, in a time that says nothing about where they differ, nor how long the secret one is:
 * what is compared are digests. (`crypto.subtle.timingSafeEqual` throws on unequal lengths, and only Workers have it.)
 */
export async function isSame(one: string | Uint8Array, other: string | Uint8Array): Promise<boolean> {
  const [first, second] = await Promise.all([digest(one), digest(other)]);
  let difference = 0;
  for (let index = 0; index < first.length; index += 1) difference |= (first[index] ?? 0) ^ (second[index] ?? 0);
  return difference === 0;
}

async function digest(value: string | Uint8Array): Promise<Uint8Array> {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : new Uint8Array(value);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
