import { z } from 'zod';

/** What is read of the answers of Gitea and Forgejo; all else is left where it is. */

export const BRANCH = z.object({
  commit: z.object({
    id: z.string(),
    message: z.string().optional(),
    url: z.string().optional(),
    timestamp: z.string().optional(),
    author: z.object({ name: z.string().optional() }).nullish(),
  }),
});

export const COMMIT = z.object({
  sha: z.string(),
  html_url: z.string().optional(),
  commit: z.object({
    message: z.string().optional(),
    author: z.object({ name: z.string().optional(), date: z.string().optional() }).nullish(),
    committer: z.object({ date: z.string().optional() }).nullish(),
  }),
});

export const TAG = z.object({ commit: z.object({ sha: z.string() }) });

export const REPOSITORY = z.object({
  id: z.number(),
  full_name: z.string(),
  default_branch: z.string(),
  html_url: z.string(),
  private: z.boolean(),
});

export const COMPARISON = z.object({
  total_commits: z.number(),
  commits: z
    .object({ files: z.object({ filename: z.string() }).array().nullish() })
    .array()
    .nullish(),
});

export const FILE = z.object({ filename: z.string(), previous_filename: z.string().optional() });

/** A folder is answered with a list. */
export const CONTENTS = z.union([
  z.object({ type: z.string(), encoding: z.string().nullish(), content: z.string().nullish(), size: z.number() }),
  z.unknown().array(),
]);

export const STATUSES = z.object({
  statuses: z
    .object({
      context: z.string(),
      status: z.string(),
      description: z.string().nullish(),
      target_url: z.string().nullish(),
    })
    .array()
    .nullish(),
});

export const HOOK = z.object({
  id: z.number(),
  active: z.boolean(),
  config: z.record(z.string(), z.string()).nullish(),
});

export const PULL_REQUEST = z.object({
  number: z.number(),
  title: z.string(),
  html_url: z.string(),
  draft: z.boolean().optional(),
  head: z.object({
    ref: z.string(),
    sha: z.string(),
    repo: z.object({ id: z.number(), full_name: z.string() }).nullish(),
  }),
  base: z.object({ ref: z.string(), sha: z.string(), repo_id: z.number() }),
});
