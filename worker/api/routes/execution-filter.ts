import { z } from '@hono/zod-openapi';
import { ExecutionStatus } from '../../../contract/executions.ts';
import type { ExecutionFilter as Filter } from '../../storage/execution-filter.ts';

const Text = z.string().min(1).max(200).optional();
const Time = z.iso
  .datetime({ offset: true, error: 'must be a time like 2026-01-31T09:00:00Z' })
  .transform((text) => Date.parse(text))
  .optional();
const Statuses = z.union([ExecutionStatus, z.array(ExecutionStatus)]).transform((one) => [one].flat());

/** What a list of executions may be narrowed down to, as it stands in the address. */
export const ExecutionFilter = z.object({
  status: Statuses.optional().openapi({
    type: 'array',
    items: { type: 'string', enum: ExecutionStatus.options },
    description: 'May be given several times.',
  }),
  trigger: Text.openapi({ description: 'Type of the trigger, like StartPipelineExecution.' }),
  by: Text.openapi({ description: 'Who started it.' }),
  branch: Text,
  revision: Text.openapi({ description: "Beginning of the revision's id, digest or text." }),
  stage: Text.openapi({ description: 'The stage that it is in, waits in front of, or ended in.' }),
  attention: z.enum(['Approval', 'Hold']).optional().openapi({ description: 'What a person is asked for.' }),
  from: Time.openapi({ type: 'string', format: 'date-time', description: 'Started at this time or later.' }),
  to: Time.openapi({ type: 'string', format: 'date-time', description: 'Started before this time.' }),
});

export function filterOf({ status, ...filter }: z.infer<typeof ExecutionFilter>): Filter {
  return { ...filter, statuses: status };
}
