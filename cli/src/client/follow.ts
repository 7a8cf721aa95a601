import { WebSocket } from 'ws';
import { type ActionView, type ExecutionStatus, ExecutionView } from '../../../contract/executions.ts';
import { ExecutionLiveMessage } from '../../../contract/live-feed.ts';
import { Backoff } from '../runner/backoff.ts';
import type { Client } from './client.ts';
import { ApiError } from './problem.ts';

const LOG_LINES_SHOWN = 20;

/** Prints what happens until the execution ends. A lost connection is made again, and nothing is printed twice. */
export async function follow(client: Client, id: string, page: string): Promise<ExecutionStatus> {
  const told = new Map<string, string>();
  const backoff = new Backoff(300, 10_000);
  for (;;) {
    const ended = await followOnce(client, id, page, told).catch(unlessRefused);
    if (ended !== undefined) {
      console.log(`${ended.status} after ${secondsBetween(ended.startedAt, ended.endedAt)}`);
      if (ended.status === 'Failed') await showFailure(client, ended);
      return ended.status;
    }
    await new Promise((resolve) => setTimeout(resolve, backoff.next()));
  }
}

function unlessRefused(error: unknown): undefined {
  if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error;
}

async function followOnce(
  client: Client,
  id: string,
  page: string,
  told: Map<string, string>,
): Promise<ExecutionView | undefined> {
  const { address, headers } = client.socket(`/executions/${id}/live`);
  const socket = new WebSocket(address, { headers });
  return new Promise((resolve, reject) => {
    const close = (): void => resolve(undefined);
    socket.on('close', close);
    socket.on('error', () => {
      // A socket that is refused does not say why; the same question without one does.
      socket.off('close', close);
      client.get(`/executions/${id}`).then(close, reject);
    });
    socket.on('message', (data) => {
      const message = ExecutionLiveMessage.parse(JSON.parse((data as Buffer).toString('utf8')));
      const actions =
        message.type === 'snapshot'
          ? message.execution.stages.flatMap((stage) =>
              stage.actions.map((action) => ({ stage: stage.name, action })),
            )
          : message.actions;
      for (const { stage, action } of actions) tell(`${stage}/${action.name}`, action, page, told);
      if (message.execution.endedAt === null) return;
      socket.off('close', close);
      socket.close();
      client.get(`/executions/${id}`).then((view) => resolve(ExecutionView.parse(view)), reject);
    });
  });
}

function tell(name: string, action: ActionView, page: string, told: Map<string, string>): void {
  const line = lineOf(action, page);
  if (line === undefined || told.get(name) === line) return;
  told.set(name, line);
  console.log(`  ${name.padEnd(24)} ${line}`);
}

function lineOf(action: ActionView, page: string): string | undefined {
  const attempt = action.attempt !== null && action.attempt > 1 ? ` (attempt ${action.attempt})` : '';
  switch (action.status) {
    case null:
      return undefined;
    case 'Succeeded':
      return `Succeeded in ${secondsBetween(action.startedAt, action.endedAt)}${attempt}`;
    case 'Failed':
      return `Failed: ${action.error?.message ?? 'no reason given'}${attempt}`;
    case 'Abandoned':
      return 'Abandoned';
    case 'InProgress':
      if (action.activity === 'AwaitingApproval') return `waits for an approval: ${page}`;
      if (action.activity === 'Held') return `is held, its runner was lost; decide at ${page}`;
      if (action.activity === 'Queued') return `Queued${attempt}`;
      return `InProgress${action.runner === null ? '' : ` on ${action.runner}`}${attempt}`;
  }
}

/** The end of the first failing log: what a person would look for next. */
async function showFailure(client: Client, { id, stages }: ExecutionView): Promise<void> {
  for (const stage of stages) {
    const failed = stage.actions.find(({ status, hasLog }) => status === 'Failed' && hasLog);
    if (failed === undefined) continue;
    const path = `/executions/${id}/actions/${encodeURIComponent(stage.name)}/${encodeURIComponent(failed.name)}/log`;
    const text = await (await client.fetch(path)).text();
    const lines = text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    console.log(`\n${stage.name}/${failed.name}, last lines:\n${lines.join('\n')}`);
    return;
  }
}

function secondsBetween(from: string | null, to: string | null): string {
  if (from === null || to === null) return '?';
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}
