import { z } from 'zod';
import { QuotaUse } from './quotas.ts';

export const Usage = z
  .object({
    items: z.array(
      QuotaUse.extend({
        unit: z.enum(['count', 'bytes']),
        title: z.string().describe('What is counted, for people.'),
      }),
    ),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;
