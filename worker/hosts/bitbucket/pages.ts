import { z } from 'zod';
import type { HostApi, Query } from '../support/host-api.ts';

export interface Listed<T> {
  readonly values: readonly T[];
  readonly isComplete: boolean;
}

/** Each page says where the next one is, and that is not always where the first one was. It is followed within the API alone. */
export async function pages<T>(
  api: HostApi,
  apiUrl: string,
  path: string,
  item: z.ZodType<T>,
  { query = {}, pagesMax = 30 }: { readonly query?: Query; readonly pagesMax?: number } = {},
): Promise<Listed<T> | undefined> {
  const page = z.object({ values: item.array(), next: z.string().nullish() });
  const values: T[] = [];
  let at: { readonly path: string; readonly query: Query } | undefined = { path, query };
  for (let count = 0; at !== undefined && count < pagesMax; count += 1) {
    const found: z.infer<typeof page> | undefined = await api.find(at.path, page, at.query);
    if (found === undefined) return undefined;
    values.push(...found.values);
    if (!found.next) return { values, isComplete: true };
    at = within(apiUrl, found.next);
  }
  return { values, isComplete: false };
}

function within(apiUrl: string, link: string): { readonly path: string; readonly query: Query } | undefined {
  if (!URL.canParse(link)) return undefined;
  const [base, url] = [new URL(apiUrl), new URL(link)];
  if (url.origin !== base.origin || !url.pathname.startsWith(`${base.pathname}/`)) return undefined;
  return { path: url.pathname.slice(base.pathname.length), query: Object.fromEntries(url.searchParams) };
}
