import { z } from 'zod';

/** What is read of the answers of Azure DevOps; all else is left where it is. */

export function list<T extends z.ZodType>(of: T) {
  return z.object({ value: of.array() });
}

export const REPOSITORY = z.object({
  id: z.string(),
  name: z.string(),
  /** Absent: nothing has been pushed yet. */
  defaultBranch: z.string().optional(),
  webUrl: z.string().optional(),
  remoteUrl: z.string().optional(),
  project: z.object({ id: z.string(), name: z.string(), visibility: z.string().optional() }),
});

export const REF = z.object({ name: z.string(), objectId: z.string(), peeledObjectId: z.string().optional() });

const SIGNATURE = z.object({ name: z.string().optional(), date: z.string().optional() });

export const COMMIT = z.object({
  commitId: z.string(),
  comment: z.string().optional(),
  author: SIGNATURE.nullish(),
  committer: SIGNATURE.nullish(),
  remoteUrl: z.string().optional(),
});

const ITEM = z.object({
  path: z.string().optional(),
  isFolder: z.boolean().optional(),
  gitObjectType: z.string().optional(),
});

export const DIFF = z.object({
  allChangesIncluded: z.boolean().optional(),
  changes: z.object({ item: ITEM, sourceServerItem: z.string().nullish() }).array().nullish(),
});

export const ITERATION = z.object({ id: z.number() });

export const ITERATION_CHANGES = z.object({
  changeEntries: z.object({ item: ITEM.nullish(), originalPath: z.string().nullish() }).array().nullish(),
  nextSkip: z.number().optional(),
});

export const FILE = z.object({
  gitObjectType: z.string().optional(),
  isFolder: z.boolean().optional(),
  content: z.string().optional(),
});

export const STATUS = z.object({
  state: z.string(),
  description: z.string().nullish(),
  targetUrl: z.string().nullish(),
  context: z.object({ name: z.string(), genre: z.string().nullish() }),
});

export const THREAD = z.object({
  id: z.number(),
  isDeleted: z.boolean().optional(),
  comments: z
    .object({ id: z.number(), content: z.string().nullish(), isDeleted: z.boolean().optional() })
    .array()
    .nullish(),
});

export const SUBSCRIPTION = z.object({
  id: z.string(),
  status: z.string(),
  eventType: z.string(),
  publisherInputs: z.record(z.string(), z.string().nullable()),
  consumerInputs: z.record(z.string(), z.string().nullable()),
});

export const PULL_REQUEST = z.object({
  pullRequestId: z.number(),
  title: z.string(),
  isDraft: z.boolean().optional(),
  sourceRefName: z.string(),
  targetRefName: z.string(),
  lastMergeSourceCommit: z.object({ commitId: z.string() }).nullish(),
  lastMergeTargetCommit: z.object({ commitId: z.string() }).nullish(),
  forkSource: z.object({ repository: REPOSITORY }).nullish(),
});
