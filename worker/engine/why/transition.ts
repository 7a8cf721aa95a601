import type { Transition } from '../board.ts';
import { pathOf, type Reason } from './reason.ts';

/** The closed ones, by stage. */
export type Transitions = Readonly<Record<string, Transition>>;

export function whyTransitions(pipeline: string, transitions: Transitions): readonly Reason[] {
  return Object.entries(transitions).map(([stage, transition]) => closedBy(pipeline, stage, transition));
}

/** A closed transition has no deadline of its own: whoever waits in front of it has. */
export function closedBy(pipeline: string, stage: string, { by, at, reason }: Transition): Reason {
  return {
    kind: 'TransitionDisabled',
    subject: { type: 'transition', stage },
    owner: 'person',
    message: `${by} has closed the transition into ${stage}${reason === '' ? '.' : `: ${reason}`}`,
    holder: { type: 'transition', id: stage, href: `/pipelines${pathOf(pipeline)}` },
    since: at,
    until: 'Somebody opens it.',
    may: [
      {
        what: 'Open the transition',
        who: 'Everybody who may change transitions',
        call: `PUT /pipelines${pathOf(pipeline)}/stages${pathOf(stage)}/transition`,
      },
    ],
  };
}
