import { z } from 'zod';

/** What is read of the answers of GitLab; all else is left where it is. */

export const USER = z.object({ username: z.string() });

export const TOKEN = z.object({ scopes: z.string().array() });

export const PROJECT = z.object({
  id: z.number(),
  path_with_namespace: z.string(),
  /** Null: nothing has been pushed yet. */
  default_branch: z.string().nullish(),
  web_url: z.string(),
  visibility: z.string().nullish(),
});

export const COMMIT = z.object({
  id: z.string(),
  message: z.string().nullish(),
  author_name: z.string().nullish(),
  authored_date: z.string().nullish(),
  committed_date: z.string().nullish(),
  web_url: z.string().nullish(),
});

/** A branch, or a tag. */
export const NAMED = z.object({ commit: COMMIT });

export const DIFF = z.object({ old_path: z.string(), new_path: z.string() });

export const COMPARISON = z.object({ diffs: DIFF.array().nullish(), compare_timeout: z.boolean().nullish() });

export const FILE = z.object({ size: z.number(), encoding: z.string(), content: z.string() });

export const STATUS = z.object({
  status: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
});

export const HOOK = z.object({
  id: z.number(),
  url: z.string(),
  /** Absent: a GitLab that never gives up on a hook. */
  alert_status: z.string().nullish(),
  /** Absent: a GitLab that cannot sign. */
  signing_token_present: z.boolean().nullish(),
});

export const MERGE_REQUEST = z.object({
  iid: z.number(),
  title: z.string(),
  web_url: z.string(),
  draft: z.boolean().nullish(),
  /** Null: its branch is gone. */
  sha: z.string().nullish(),
  source_branch: z.string(),
  target_branch: z.string(),
  source_project_id: z.number().nullish(),
  target_project_id: z.number(),
});
