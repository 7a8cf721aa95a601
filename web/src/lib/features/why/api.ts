import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { ExecutionWhy } from '#lib/api/contract.ts';

export function whyExecution(api: ApiClient, id: string): Promise<ExecutionWhy> {
  return api.get(apiPath('executions', id, 'why'));
}
