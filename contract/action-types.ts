import { z } from 'zod';

const Bounds = z.object({ min: z.int(), max: z.int() });

export const ActionTypeView = z
  .object({
    type: z.string().describe('As definitions write it: Category/Provider.'),
    category: z.enum(['Source', 'Build', 'Test', 'Deploy', 'Compute', 'Approval', 'Invoke', 'Rule']),
    owner: z.enum(['Millrace', 'AWS', 'ThirdParty', 'Custom']).describe('Millrace: CodePipeline does not have it.'),
    provider: z.string(),
    version: z.string(),
    description: z.string(),
    runnable: z.boolean().describe('Can this installation carry it out? If not, it fails with ConfigurationError.'),
    by: z.enum(['runner', 'worker', 'person']).describe('Who carries it out.'),
    inputs: Bounds,
    outputs: Bounds,
    outputVariables: z.object({
      known: z.array(z.string()).readonly(),
      others: z
        .enum(['none', 'declared', 'open'])
        .describe('declared: the definition lists them. open: they show when the action has run.'),
    }),
    commands: z.boolean().describe('Does it take commands?'),
    timeoutMinutes: z.object({ default: z.number(), max: z.number() }),
    configuration: z.looseObject({}).describe('JSON Schema of its configuration.'),
  })
  .meta({ id: 'ActionType' });
export type ActionTypeView = z.infer<typeof ActionTypeView>;
