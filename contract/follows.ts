import { z } from 'zod';

/** Relative, inside, and without surprises. */
const FilePath = z
  .string()
  .min(1)
  .max(500)
  .regex(
    /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\\u0000-\u001f]+$/,
    'must be a path within the repository, like deploy/millrace.yaml',
  );

export const FollowRepository = z
  .strictObject({
    connection: z.string().min(1).max(100).describe('Name of the connection to the Git host.'),
    repository: z.string().min(1).max(300).describe('Full name, like example-org/shop.'),
    branch: z.string().min(1).max(255).optional().describe('The default branch of the repository if left out.'),
    path: FilePath.default('millrace.yaml').describe('Where the definition is. YAML, or JSON if it ends in .json.'),
  })
  .meta({ id: 'FollowRepository' });
export type FollowRepository = z.infer<typeof FollowRepository>;

/** A pipeline whose definition is a file: each commit that changes it is a new version, from the next execution on. */
export const Follow = z
  .object({
    connection: z.string().nullable().describe('null: it has been deleted.'),
    repository: z.string(),
    branch: z.string(),
    path: z.string(),
    commit: z.string().nullable().describe('That was looked at last.'),
    checkedAt: z.string().nullable(),
    version: z.int().nullable().describe('That it has made, or found made already.'),
    problem: z
      .object({
        message: z.string(),
        errors: z.array(z.object({ path: z.string(), message: z.string() })).readonly(),
      })
      .nullable()
      .describe('Why it has made none: the version before stays in force.'),
    createdAt: z.string(),
    createdBy: z.string(),
  })
  .meta({ id: 'Follow' });
export type Follow = z.infer<typeof Follow>;
