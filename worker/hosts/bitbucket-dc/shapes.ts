import { z } from 'zod';

/** What is read of the answers of Bitbucket Data Center; all else is left where it is. */

const LINKS = z.object({ self: z.object({ href: z.string() }).nullish().array().nullish() }).nullish();

export const REPOSITORY = z.object({
  id: z.number(),
  slug: z.string(),
  public: z.boolean().nullish(),
  project: z.object({ key: z.string(), public: z.boolean().nullish() }),
  links: LINKS,
});

export const REF = z.object({ id: z.string(), displayId: z.string() });

export const COMMIT = z.object({
  id: z.string(),
  message: z.string().nullish(),
  author: z.object({ name: z.string().nullish() }).nullish(),
  authorTimestamp: z.number().nullish(),
  committerTimestamp: z.number().nullish(),
});

const PATH = z.object({ components: z.string().array() });

export const CHANGE = z.object({ path: PATH, srcPath: PATH.nullish() });

export const ENTRY = z.object({ type: z.string() });

export const STATUS = z.object({
  state: z.string(),
  description: z.string().nullish(),
  url: z.string().nullish(),
});

export const ACTIVITY = z.object({
  comment: z.object({ id: z.number(), version: z.number(), text: z.string() }).nullish(),
});

export const HOOK = z.object({ id: z.number(), url: z.string(), active: z.boolean() });

export const DELIVERY = z.object({
  finish: z.number().nullish(),
  result: z.object({ outcome: z.string().nullish(), description: z.string().nullish() }).nullish(),
});

const SIDE = z.object({ id: z.string(), displayId: z.string(), latestCommit: z.string(), repository: REPOSITORY });

export const PULL_REQUEST = z.object({
  id: z.number(),
  title: z.string(),
  draft: z.boolean().nullish(),
  fromRef: SIDE,
  toRef: SIDE,
  links: LINKS,
});
