import { z } from 'zod';
import type { HostApi } from './host-api.ts';

const COMMENT = z.object({ id: z.number(), body: z.string().nullish() });

export interface CommentsAt {
  /** Where a pull request's comments are listed and made. */
  readonly list: string;
  readonly one: (id: number) => string;
  /** Absent: they come all at once. */
  readonly paging?: { readonly size: number };
  /** How one is changed; PATCH if left out. */
  readonly edit?: 'PATCH' | 'PUT';
}

/** The marker begins the text, so that nobody who quotes it has their comment rewritten. */
export async function writeMarked(api: HostApi, at: CommentsAt, marker: string, text: string): Promise<void> {
  const body = `${marker}\n${text}`;
  const comments =
    at.paging === undefined
      ? await api.get(at.list, COMMENT.array())
      : await api.list(at.list, COMMENT, { ...at.paging, pagesMax: 10 });
  const there = comments.find((comment) => comment.body?.startsWith(marker) === true);
  if (there === undefined) await api.send({ method: 'POST', path: at.list, body: { body } }, z.unknown());
  else if (there.body !== body) {
    await api.send({ method: at.edit ?? 'PATCH', path: at.one(there.id), body: { body } }, z.unknown());
  }
}
