import { z } from 'zod';

/** What is read of GitHub's answers; all else is left where it is. */

export const COMMIT = z.object({
  sha: z.string(),
  html_url: z.string().optional(),
  commit: z.object({
    message: z.string(),
    author: z.object({ name: z.string().optional(), date: z.string().optional() }).nullish(),
    committer: z.object({ date: z.string().optional() }).nullish(),
  }),
});

export const REPOSITORY = z.object({
  id: z.number(),
  full_name: z.string(),
  default_branch: z.string(),
  html_url: z.string(),
  private: z.boolean(),
});

export const FILE = z.object({ filename: z.string(), previous_filename: z.string().optional() });

export const COMPARISON = z.object({ status: z.string(), files: FILE.array().optional() });

/** A folder is answered with a list. */
export const CONTENTS = z.union([
  z.object({ type: z.string(), encoding: z.string().optional(), content: z.string().optional() }),
  z.unknown().array(),
]);

export const STATUSES = z.object({
  statuses: z.array(
    z.object({
      context: z.string(),
      state: z.string(),
      description: z.string().nullish(),
      target_url: z.string().nullish(),
    }),
  ),
});

export const HOOK = z.object({
  id: z.number(),
  active: z.boolean(),
  config: z.object({ url: z.string().optional() }),
  last_response: z
    .object({ code: z.number().nullish(), status: z.string().nullish(), message: z.string().nullish() })
    .nullish(),
});

export const DELIVERY = z.object({
  id: z.number(),
  guid: z.string(),
  delivered_at: z.string(),
  status_code: z.number().nullable(),
});

export const PULL_REQUEST = z.object({
  number: z.number(),
  title: z.string(),
  html_url: z.string(),
  draft: z.boolean().optional(),
  head: z.object({
    ref: z.string(),
    sha: z.string(),
    label: z.string().nullish(),
    repo: z.object({ id: z.number(), full_name: z.string() }).nullable(),
  }),
  base: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ id: z.number() }) }),
});
