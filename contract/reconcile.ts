import { z } from 'zod';

export const Difference = z
  .object({
    execution: z.string().nullable().describe('Null: it is about a pipeline as a whole.'),
    pipeline: z.string().nullable(),
    number: z.int().nullable(),
    kind: z
      .enum(['Different', 'Gone', 'Missing', 'Watches'])
      .describe(
        'Different: see fields. Gone: nothing but the row is left. Missing: there is no row. Watches: what the pipeline watches is not what its version says.',
      ),
    fields: z.array(z.object({ field: z.string(), index: z.string().nullable(), object: z.string().nullable() })),
    fixed: z.boolean(),
  })
  .meta({ id: 'Difference' });
export type Difference = z.infer<typeof Difference>;

/** One page of the comparison; the sums of all pages are what the whole comes to. */
export const Reconciliation = z
  .object({
    compared: z.int(),
    equal: z.int(),
    pending: z.int().describe('In motion: the execution is about to write its row itself.'),
    different: z.int(),
    fixed: z.int(),
    differences: z.array(Difference),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'Reconciliation' });
export type Reconciliation = z.infer<typeof Reconciliation>;
