import type { Secret } from '#lib/api/contract.ts';

/** For whom it is, in words. */
export function scopeText({ pipeline, stage }: Pick<Secret, 'pipeline' | 'stage'>): string {
  if (pipeline === null) return 'all pipelines';
  return stage === null ? pipeline : `${pipeline} / ${stage}`;
}

/** Names are unique within a scope alone. */
export function secretKey({ name, pipeline, stage }: Secret): string {
  return `${name} ${pipeline ?? ''} ${stage ?? ''}`;
}
