import { z } from 'zod';

/** What a tenant may have only so much of. */
export const QuotaName = z.enum(['pipelines', 'tokens']);
export type QuotaName = z.infer<typeof QuotaName>;

export const Usage = z
  .object({
    items: z.array(
      z.object({ name: QuotaName, used: z.int(), limit: z.int().describe('The operator can set another one.') }),
    ),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;
