import { z } from 'zod';

export const Badge = z
  .object({
    url: z.string().describe('The picture. Whoever has this address may see it; it cannot be guessed.'),
    link: z.string().describe('The page of the pipeline, for members.'),
    markdown: z.string(),
  })
  .meta({ id: 'Badge' });
export type Badge = z.infer<typeof Badge>;
