import { statusEffects } from './commit-status.ts';
import type { Effect, ExecutionEvent } from './messages.ts';
import type { ExecutionState } from './model.ts';

/** What must the world do about it? Derived from the event alone, with the state before it where that matters. */
export function react(event: ExecutionEvent, before: ExecutionState | undefined): readonly Effect[] {
  return [...effectsOf(event, before), ...statusEffects(event, before)];
}

function effectsOf(event: ExecutionEvent, before: ExecutionState | undefined): readonly Effect[] {
  switch (event.type) {
    case 'ExecutionBegun':
      return [{ type: 'PublishSummary', urgent: false }];
    case 'AdmissionAwaited':
      return [
        { type: 'ReportPosition', urgent: true },
        { type: 'PublishSummary', urgent: false },
      ];
    case 'ApprovalRequested':
      return [
        ...(event.step === undefined ? [] : [{ type: 'ReportPosition' as const, urgent: false }]),
        { type: 'PublishSummary', urgent: false },
      ];
    case 'ActionHeld':
      return [{ type: 'PublishSummary', urgent: false }];
    case 'ConditionEnded':
      return event.step === undefined ? [] : [{ type: 'ReportPosition', urgent: true }];
    case 'ConditionOverridden':
    case 'StageRetried':
      return event.step === undefined
        ? []
        : [
            { type: 'ReportPosition', urgent: true },
            { type: 'PublishSummary', urgent: false },
          ];
    case 'ExecutionResumed':
      return [{ type: 'PublishSummary', urgent: false }];
    case 'ReturnRequested':
    case 'ReturnRefused':
      return [{ type: 'ReportPosition', urgent: true }];
    case 'RollbackRequested':
      return [{ type: 'StartRollback', stage: event.stage }];
    case 'StageEntered':
      // The pipeline put the execution into its first stage itself.
      return event.stage === (before?.span?.first ?? 0) && before?.admission.waiting !== true
        ? []
        : [
            { type: 'ReportPosition', urgent: false },
            { type: 'PublishSummary', urgent: false },
          ];
    case 'ExecutionEnded':
      return [
        { type: 'ReportPosition', urgent: true },
        { type: 'PublishSummary', urgent: true },
        ...(before?.caller === undefined ? [] : [{ type: 'TellCaller' as const }]),
      ];
    case 'ActionStarted':
      return [{ type: 'StartAction', action: event.action, attempt: event.attempt }];
    case 'ActionPolled':
      return [{ type: 'PollAction', action: event.action, attempt: event.attempt }];
    case 'ActionCancelling':
      return [{ type: 'CancelAction', action: event.action, attempt: event.attempt, cause: event.cause }];
    case 'OrphanReported':
      return [
        {
          type: 'CancelAction',
          action: event.action,
          attempt: event.attempt,
          cause: 'Orphaned',
          ...(event.externalId === undefined ? {} : { externalId: event.externalId }),
        },
      ];
    case 'Admitted':
    case 'StageSucceeded':
    case 'StageFailed':
    case 'StageStopped':
    case 'StageCancelled':
    case 'StageSkipped':
    case 'StageRetryScheduled':
    case 'ConditionStarted':
    case 'RollbackStarted':
    case 'RollbackRefused':
    case 'ApprovalGiven':
    case 'ExecutionStopping':
    case 'ActionProgressed':
    case 'ActionClaimed':
    case 'RunnerUnreachable':
    case 'RunnerReturned':
    case 'ActionSucceeded':
    case 'ActionFailed':
    case 'ActionAbandoned':
    case 'ActionRetryScheduled':
      return [];
  }
}
