import type { StatusReport } from '../engine/commit-status.ts';
import type { ActionReport, ExecutionCommand } from '../engine/messages.ts';
import type { EffectRequest } from '../engine/request.ts';
import type { ActionRun } from '../engine/run.ts';
import type { ExecutionSummary } from '../engine/summary.ts';
import { PermanentFailure } from '../kernel/failure.ts';
import type { ExecutionPeer, PipelinePeer, PositionAnswer } from '../objects/peers.ts';
import type { ActionProvider, Progress } from '../providers/provider.ts';

export interface EffectParts {
  readonly providers: ReadonlyMap<string, ActionProvider<ActionRun>>;
  readonly pipelines: PipelinePeer;
  readonly executions: Pick<ExecutionPeer, 'report'>;
  /** What is to be deleted starts nothing more by itself either. */
  readonly isClosing: (tenant: string) => Promise<boolean>;
  /** Tells Git hosts; the same report again says nothing new. */
  readonly reportStatus: (tenant: string, report: StatusReport) => Promise<void>;
  /** The index of history; an older summary never undoes a newer one. */
  readonly publishSummary: (summary: ExecutionSummary) => Promise<void>;
}

type Request<Type extends EffectRequest['type']> = Extract<EffectRequest, { type: Type }>;

/** Carries one kind of effect out. May run more than once for the same effect; what it learns goes back as commands. */
type Executor<Type extends EffectRequest['type']> = (
  request: Request<Type>,
  parts: EffectParts,
) => Promise<readonly ExecutionCommand[]>;

const executors: { readonly [Type in EffectRequest['type']]: Executor<Type> } = {
  StartAction: async ({ run }, parts) => reports(run, await providerOf(run, parts).start(run)),
  PollAction: async ({ run, externalId }, parts) => reports(run, await providerOf(run, parts).poll(run, externalId)),
  CancelAction: async ({ run, externalId, cause }, parts) => {
    const { action, attempt } = run;
    const outcome = await providerOf(run, parts).cancel(run, externalId, cause);
    return outcome === 'Cancelled' ? [{ type: 'ReportCancelled', action, attempt }] : [];
  },
  ReportPosition: async ({ tenant, pipeline, execution, position }, { pipelines }) => {
    const answer = await pipelines.report(tenant, pipeline.id, execution, position);
    return orderIn(answer);
  },
  StartRollback: async ({ tenant, pipeline, execution, stage, stageName, key }, { pipelines, isClosing }) => {
    if (await isClosing(tenant)) {
      return [
        { type: 'ReportRollback', stage, result: { kind: 'Refused', message: 'The tenant is to be deleted.' } },
      ];
    }
    const trigger = { type: 'AutomatedRollback', by: `execution ${execution}` };
    const order = { key, stage: stageName, from: execution, trigger };
    const answer = await pipelines.rollback(tenant, pipeline.id, order);
    const result = answer.ok
      ? ({ kind: 'Started', execution: answer.id } as const)
      : ({ kind: 'Refused', message: answer.message } as const);
    return [{ type: 'ReportRollback', stage, result }];
  },
  TellCaller: async ({ tenant, caller }, { executions }) => {
    const { execution, action, attempt } = caller;
    await executions.report(tenant, execution, { type: 'ReportDue', action, attempt });
    return [];
  },
  ReportStatus: async ({ tenant, report }, { reportStatus }) => {
    await reportStatus(tenant, report);
    return [];
  },
  PublishSummary: async ({ summary }, { publishSummary }) => {
    await publishSummary(summary);
    return [];
  },
};

export function execute(request: EffectRequest, parts: EffectParts): Promise<readonly ExecutionCommand[]> {
  // The table pairs each request type with its executor; TypeScript cannot see that through the index.
  const executor = executors[request.type] as Executor<EffectRequest['type']>;
  return executor(request, parts);
}

function orderIn(answer: PositionAnswer): readonly ExecutionCommand[] {
  switch (answer.kind) {
    case 'Grant':
      return [{ type: 'Admit', ...answer.grant }];
    case 'Superseded':
      return [{ type: 'Supersede' }];
    case 'Cancelled':
      return [{ type: 'Cancel', by: answer.by, reason: answer.reason }];
    case 'Refused':
      return [{ type: 'RefuseReturn', message: answer.message }];
    case 'Unknown':
      return [];
  }
}

function providerOf(run: ActionRun, { providers }: EffectParts): ActionProvider<ActionRun> {
  const provider = providers.get(run.type);
  if (provider === undefined) throw new PermanentFailure('ConfigurationError', `Nothing here can run "${run.type}".`);
  return provider;
}

function reports({ action, attempt }: ActionRun, progress: Progress): readonly ActionReport[] {
  const of = { action, attempt };
  switch (progress.kind) {
    case 'Running': {
      const { kind: _, ...what } = progress;
      // A carrier that was merely told says nothing worth a turn.
      return Object.keys(what).length === 0 ? [] : [{ type: 'ReportRunning', ...of, ...what }];
    }
    case 'Succeeded': {
      const { kind: _, ...what } = progress;
      return [{ type: 'ReportSucceeded', ...of, ...what }];
    }
    case 'Failed': {
      const { kind: _, code, message, ...what } = progress;
      return [{ type: 'ReportFailed', ...of, failure: { code, message }, ...what }];
    }
  }
}
