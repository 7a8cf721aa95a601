import { RetryableFailure } from '../kernel/failure.ts';
import { type ActionProvider, misconfigured, type Progress, type ProviderRun } from './provider.ts';

/** Other pipelines of the same tenant. */
export interface PipelineCalls {
  /** Idempotent by `job`: the same call again answers with the same execution. */
  start(call: PipelineCall): Promise<StartedCall>;
  /** Undefined: there is no such execution, or no longer. */
  status(tenant: string, execution: string): Promise<CalledStatus | undefined>;
  /**
   * Abandons the execution that `job` has started, if it has. `Over`: it has ended, or never began. `Passing`: it cannot be
   * stopped just now.
   */
  stop(call: StopCall): Promise<'Over' | 'Stopping' | 'Passing'>;
}

export interface PipelineCall {
  readonly tenant: string;
  readonly pipelineName: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly job: string;
  readonly caller: {
    readonly execution: string;
    readonly action: string;
    readonly attempt: number;
    /** 1 for a pipeline that nobody has called. */
    readonly depth: number;
  };
}

export type StartedCall =
  | { readonly ok: true; readonly execution: string }
  /** `isPassing`: it may work later. */
  | { readonly ok: false; readonly message: string; readonly isPassing: boolean };

export interface CalledStatus {
  readonly status: 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed' | 'Cancelled';
  /** Why it did not succeed, in a sentence. */
  readonly reason?: string;
}

export interface StopCall {
  readonly tenant: string;
  readonly pipelineName: string;
  readonly job: string;
  readonly execution: string | undefined;
  readonly cause: string;
}

/** Whoever calls in a circle stops here. */
const DEPTH_MAX = 10;
/** The callee says when it has ended; this is for when that gets lost. */
const CHECK_AFTER_MS = 5 * 60_000;

/** Invoke/Pipeline: starts another pipeline, and waits for it unless `Wait` is "false". */
export function pipeline(calls: PipelineCalls): ActionProvider {
  return {
    types: ['Invoke/Pipeline'],

    async start(run) {
      const order = orderOf(run.configuration);
      if (typeof order === 'string') return misconfigured(order);
      const depth = (run.depth ?? 0) + 1;
      if (depth > DEPTH_MAX) {
        return misconfigured(`Pipelines call each other ${DEPTH_MAX} deep here; do they call in a circle?`);
      }
      const { tenant, job, execution, action = '', attempt = 1 } = run;
      const { pipelineName, variables } = order;
      const caller = { execution, action, attempt, depth };
      const started = await calls.start({ tenant, pipelineName, variables, job, caller });
      if (!started.ok && started.isPassing) throw new RetryableFailure(started.message);
      if (!started.ok) return misconfigured(started.message);
      return order.isAwaited ? awaiting(started.execution) : succeeded(started.execution);
    },

    async poll({ tenant }, externalId) {
      if (externalId === undefined) return misconfigured('The execution that was started is not known.');
      const called = await calls.status(tenant, externalId);
      if (called === undefined) return failed(`The execution ${externalId} does not exist any more.`);
      switch (called.status) {
        case 'InProgress':
        case 'Stopping':
          return awaiting(externalId);
        case 'Succeeded':
          return succeeded(externalId);
        case 'Stopped':
        case 'Superseded':
        case 'Failed':
        case 'Cancelled':
          return failed(`The execution ${externalId} ended ${called.status}. ${called.reason ?? ''}`.trim());
      }
    },

    async cancel({ tenant, job, configuration }, externalId, cause) {
      const order = orderOf(configuration);
      if (typeof order === 'string' || !order.isAwaited) return 'Cancelled';
      const { pipelineName } = order;
      const outcome = await calls.stop({ tenant, pipelineName, job, execution: externalId, cause });
      if (outcome === 'Passing') throw new RetryableFailure('The execution has been admitted but has not begun.');
      return outcome === 'Over' ? 'Cancelled' : 'Cancelling';
    },
  };
}

interface Order {
  readonly pipelineName: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly isAwaited: boolean;
}

/** What is to be started, or what is wrong with the configuration. */
function orderOf(configuration: ProviderRun['configuration']): Order | string {
  const { PipelineName: pipelineName = '', Variables: text, Wait: wait = 'true' } = configuration;
  if (pipelineName === '') return 'PipelineName is missing.';
  if (wait !== 'true' && wait !== 'false') return `Wait is "${wait}"; it must be true or false.`;
  const variables = text === undefined || text === '' ? {} : variablesOf(text);
  if (variables === undefined) return 'Variables must be a JSON list like [{"name": "target", "value": "staging"}].';
  return { pipelineName, variables, isAwaited: wait === 'true' };
}

function variablesOf(text: string): Readonly<Record<string, string>> | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || !list.every(isVariable)) return undefined;
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

function isVariable(item: unknown): item is { readonly name: string; readonly value: string } {
  if (typeof item !== 'object' || item === null) return false;
  const { name, value } = item as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && name !== '' && typeof value === 'string';
}

function awaiting(execution: string): Progress {
  return {
    kind: 'Running',
    externalId: execution,
    externalUrl: `/executions/${execution}`,
    checkAfterMs: CHECK_AFTER_MS,
  };
}

function succeeded(execution: string): Progress {
  return { kind: 'Succeeded', variables: { PipelineExecutionId: execution }, artifacts: [], summary: execution };
}

function failed(message: string): Progress {
  return { kind: 'Failed', code: 'JobFailed', message };
}
