import type { Reason } from '#lib/api/contract.ts';
import type { Shape, Tone } from '#lib/features/executions/standing.ts';

export interface ReasonMark {
  readonly shape: Shape;
  readonly tone: Tone;
}

/** Who is to act next decides the colour: a person is asked, everything else moves by itself. */
export function reasonMark({ kind, owner }: Pick<Reason, 'kind' | 'owner'>): ReasonMark {
  return { shape: shapes[kind] ?? 'clock', tone: owner === 'person' || isShut(kind) ? 'ask' : 'run' };
}

function isShut(kind: Reason['kind']): boolean {
  return ['GateShut', 'AtGate', 'TransitionDisabled', 'NoRunner', 'NoMatchingRunner', 'RunnerUnreachable'].includes(
    kind,
  );
}

const shapes: Partial<Record<Reason['kind'], Shape>> = {
  Running: 'wheel',
  EvaluatingCondition: 'wheel',
  RunnerUnreachable: 'unreachable',
  NoRunner: 'unreachable',
  NoMatchingRunner: 'unreachable',
  Held: 'hand',
  Cancelling: 'stopping',
  Stopping: 'stopping',
  AwaitingApproval: 'person',
  AwaitingRetry: 'again',
  AwaitingStageRetry: 'again',
  Returning: 'again',
  GateShut: 'gate',
  AtGate: 'gate',
  TransitionDisabled: 'lock',
  NotReached: 'hollow',
};

/** Where in the dashboard the thing that waits can be looked at. */
export function subjectHref({ subject }: Pick<Reason, 'subject'>): string | undefined {
  switch (subject.type) {
    case 'action':
      return actionHref(subject.execution, `${subject.stage}/${subject.action}`);
    case 'condition':
      return actionHref(subject.execution, `${subject.stage}/${subject.place}~`);
    // Where one stands already, or nowhere to go.
    case 'execution':
    case 'stage':
    case 'job':
    case 'transition':
      return undefined;
  }
}

function actionHref(execution: string, action: string): string {
  return `/executions/${execution}?action=${encodeURIComponent(action)}`;
}

/** `place` in words: the next one, or how many are ahead. */
export function describePlace(place: number | null): string | undefined {
  if (place === null) return undefined;
  if (place === 1) return 'It is the next one.';
  return place === 2 ? 'One is ahead of it.' : `${place - 1} are ahead of it.`;
}
