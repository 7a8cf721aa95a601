import type { PipelineState } from '#lib/api/contract.ts';

type Occupant = PipelineState['stages'][number]['inside'][number];

export interface QueuePlace {
  readonly inside: readonly Occupant[];
  readonly ahead: readonly Occupant[];
  readonly behind: number;
}

/** Where an execution stands in the lane in front of a stage; undefined once it is not in that lane any more. */
export function queuePlace({ stages }: PipelineState, stageName: string, id: string): QueuePlace | undefined {
  const stage = stages.find(({ name }) => name === stageName);
  const at = stage?.inbound.findIndex((occupant) => occupant.id === id) ?? -1;
  if (stage === undefined || at === -1) return undefined;
  return { inside: stage.inside, ahead: stage.inbound.slice(0, at), behind: stage.inbound.length - at - 1 };
}
