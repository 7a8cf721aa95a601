import { z } from 'zod';

export const DefinitionChange = z
  .object({
    kind: z.enum(['added', 'removed', 'changed', 'moved']),
    what: z.enum(['stage', 'action', 'rule', 'variable', 'trigger', 'output', 'member']),
    name: z.string().optional().describe('Of what was added, removed or moved, where it has one.'),
    path: z
      .string()
      .describe(
        'In the later definition, like stages[2].actions[0].commands; of what was removed, in the earlier one.',
      ),
    from: z.string().optional().describe('Of what was moved: its place in the earlier definition.'),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'DefinitionChange' });
export type DefinitionChange = z.infer<typeof DefinitionChange>;

export const DefinitionDiff = z
  .object({ from: z.int(), to: z.int(), changes: z.array(DefinitionChange) })
  .meta({ id: 'DefinitionDiff' });
export type DefinitionDiff = z.infer<typeof DefinitionDiff>;
