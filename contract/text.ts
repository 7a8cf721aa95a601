import { z } from 'zod';

/** YAML reads 8080 and true as number and boolean; in a definition they mean their text. */
export const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string().max(65_536));
