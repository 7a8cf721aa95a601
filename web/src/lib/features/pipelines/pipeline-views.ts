export type PipelineViewName = 'board' | 'history' | 'definition';

/** Which view of a pipeline the address asks for. */
export function pipelineView(name: string | null): PipelineViewName {
  return name === 'history' || name === 'definition' ? name : 'board';
}
