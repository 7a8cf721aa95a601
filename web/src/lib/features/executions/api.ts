import { apiPath, withQuery, type ApiClient } from '#lib/api/client.ts';
import type { ConditionPlace, ExecutionEvent, ExecutionSummary, ExecutionView } from '#lib/api/contract.ts';
import type { ActionRef, ExecutionFeed } from './execution-view.ts';

const EVENT_PAGES_MAX = 20;

type Seen = ExecutionView & { readonly seq: number };

export async function getExecution(api: ApiClient, id: string): Promise<ExecutionFeed> {
  const { seq, ...execution } = await api.get<Seen>(apiPath('executions', id));
  return { seq, execution };
}

export async function listEvents(api: ApiClient, id: string, after: number): Promise<readonly ExecutionEvent[]> {
  let events: readonly ExecutionEvent[] = [];
  const path = withQuery(apiPath('executions', id, 'events'), { after });
  for await (const items of api.pages<ExecutionEvent>(path, EVENT_PAGES_MAX)) events = [...events, ...items];
  return events;
}

export function executionLivePath(id: string, after: number | undefined): string {
  return withQuery(apiPath('executions', id, 'live'), { after });
}

/** Every order about an execution is answered with the execution as it is after it. */
async function order(api: ApiClient, path: string, body: unknown): Promise<ExecutionFeed> {
  const { seq, ...execution } = await api.post<Seen>(path, body);
  return { seq, execution };
}

export function retryStage(
  api: ApiClient,
  id: string,
  stage: string,
  retry: { readonly mode: 'FAILED_ACTIONS' | 'ALL_ACTIONS'; readonly action?: string },
): Promise<ExecutionFeed> {
  return order(api, apiPath('executions', id, 'stages', stage, 'retry'), retry);
}

export function resumeExecution(api: ApiClient, id: string, stage: string): Promise<ExecutionFeed> {
  return order(api, apiPath('executions', id, 'resume'), { stage });
}

export function overrideCondition(
  api: ApiClient,
  id: string,
  stage: string,
  condition: ConditionPlace,
): Promise<ExecutionFeed> {
  return order(api, apiPath('executions', id, 'stages', stage, 'override'), { condition });
}

export function forkExecution(
  api: ApiClient,
  id: string,
  fork: { readonly variables: Readonly<Record<string, string>>; readonly version: number; readonly reason?: string },
): Promise<ExecutionSummary> {
  return api.post(apiPath('executions', id, 'fork'), fork);
}

export async function stopExecution(
  api: ApiClient,
  id: string,
  stop: { readonly abandon: boolean; readonly reason: string },
): Promise<void> {
  await api.post(apiPath('executions', id, 'stop'), stop);
}

export async function answerApproval(
  api: ApiClient,
  id: string,
  { stage, action }: ActionRef,
  answer: { readonly result: 'Approved' | 'Rejected'; readonly summary: string; readonly token: string },
): Promise<void> {
  await api.post(apiPath('executions', id, 'approvals', stage, action), answer);
}

export async function resolveHold(
  api: ApiClient,
  id: string,
  { stage, action }: ActionRef,
  resolution: 'Retry' | 'Fail',
): Promise<void> {
  await api.post(apiPath('executions', id, 'holds', stage, action), { resolution });
}

export function logPath(id: string, { stage, action }: ActionRef, attempt: number): string {
  return withQuery(apiPath('executions', id, 'actions', stage, action, 'log'), { attempt });
}

export function logLivePath(id: string, { stage, action }: ActionRef, attempt: number, after: number): string {
  return withQuery(apiPath('executions', id, 'actions', stage, action, 'log', 'live'), { attempt, after });
}

export function artifactPath(digest: string): string {
  return apiPath('artifacts', digest);
}
