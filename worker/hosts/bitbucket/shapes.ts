import { z } from 'zod';

/** What is read of the answers of Bitbucket Cloud; all else is left where it is. */

const LINKS = z.object({ html: z.object({ href: z.string() }).nullish() }).nullish();

export const USER = z.object({ display_name: z.string().nullish(), nickname: z.string().nullish() });

export const REPOSITORY = z.object({
  uuid: z.string(),
  full_name: z.string(),
  is_private: z.boolean(),
  /** Null: nothing has been pushed yet. */
  mainbranch: z.object({ name: z.string() }).nullish(),
  links: LINKS,
});

export const COMMIT = z.object({
  hash: z.string(),
  message: z.string().nullish(),
  date: z.string().nullish(),
  author: z.object({ raw: z.string().nullish() }).nullish(),
  links: LINKS,
});

/** A branch, or a tag. */
export const REF = z.object({ target: COMMIT });

export const DIFFSTAT = z.object({
  old: z.object({ path: z.string() }).nullish(),
  new: z.object({ path: z.string() }).nullish(),
});

export const FILE = z.object({ type: z.string(), size: z.number().nullish() });

export const STATUS = z.object({
  state: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  url: z.string().nullish(),
});

export const COMMENT = z.object({
  id: z.number(),
  deleted: z.boolean().nullish(),
  content: z.object({ raw: z.string().nullish() }).nullish(),
});

export const HOOK = z.object({ uuid: z.string(), url: z.string(), active: z.boolean() });

const SIDE = z.object({
  branch: z.object({ name: z.string() }),
  /** Its id is but the beginning of one. Null: its branch is gone. */
  commit: z.object({ hash: z.string() }).nullish(),
  /** Null: the fork is gone. */
  repository: z.object({ full_name: z.string(), uuid: z.string().nullish() }).nullish(),
});

export const PULL_REQUEST = z.object({
  id: z.number(),
  title: z.string(),
  draft: z.boolean().nullish(),
  source: SIDE,
  destination: SIDE,
  links: LINKS,
});
