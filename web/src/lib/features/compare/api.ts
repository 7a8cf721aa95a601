import { apiPath, type ApiClient } from '#lib/api/client.ts';
import type { Comparison } from '#lib/api/contract.ts';

export function compareExecutions(api: ApiClient, a: string, b: string): Promise<Comparison> {
  return api.get(apiPath('executions', a, 'compare', b));
}
