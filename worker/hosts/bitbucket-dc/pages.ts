import { z } from 'zod';
import type { HostApi, Query } from '../support/host-api.ts';

export interface Listed<T> {
  readonly values: readonly T[];
  readonly isComplete: boolean;
}

/** Each page says with which item the next one starts. Undefined: there is no such list. */
export async function pages<T>(
  api: HostApi,
  path: string,
  item: z.ZodType<T>,
  { query, pagesMax = 10 }: { readonly query: Query; readonly pagesMax?: number },
): Promise<Listed<T> | undefined> {
  const page = z.object({ values: item.array(), isLastPage: z.boolean(), nextPageStart: z.number().nullish() });
  const values: T[] = [];
  let start: number | undefined;
  for (let count = 0; count < pagesMax; count += 1) {
    const found = await api.find(path, page, { ...query, start });
    if (found === undefined) return undefined;
    values.push(...found.values);
    if (found.isLastPage) return { values, isComplete: true };
    if (typeof found.nextPageStart !== 'number') break;
    start = found.nextPageStart;
  }
  return { values, isComplete: false };
}
