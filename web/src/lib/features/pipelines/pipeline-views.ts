export type PipelineViewName = 'board' | 'history' | 'definition' | 'edit';

const views: readonly PipelineViewName[] = ['history', 'definition', 'edit'];

/** Which view of a pipeline the address asks for. */
export function pipelineView(name: string | null): PipelineViewName {
  return views.find((view) => view === name) ?? 'board';
}

/** Two versions to compare, the earlier one first. */
export interface ComparedVersions {
  readonly from: number;
  readonly to: number;
}

export function comparedVersions(query: string): ComparedVersions | undefined {
  const search = new URLSearchParams(query);
  const [from, to] = [Number(search.get('from')), Number(search.get('to'))];
  const isSensible = [from, to].every((version) => Number.isInteger(version) && version > 0);
  return isSensible ? { from, to } : undefined;
}
