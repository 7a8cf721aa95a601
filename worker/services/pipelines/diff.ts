import type { DefinitionDiff } from '../../../contract/pipeline-diff.ts';
import { diffDefinitions } from '../../definition/diff.ts';
import type { ServiceContext } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { getPipeline } from './read.ts';

/** What changed from one version to another; left out, to the newest from the one before. */
export async function diffVersions(
  ctx: ServiceContext,
  name: string,
  from: number | undefined,
  to: number | undefined,
): Promise<DefinitionDiff> {
  const { pipeline: later } = await getPipeline(ctx, name, to);
  const earlier = from ?? later.version - 1;
  if (earlier < 1) {
    throw new DomainError('bad_request', `Version ${later.version} is the first; say with \`from\` what to compare.`);
  }
  const { pipeline: before } = await getPipeline(ctx, name, earlier);
  return {
    from: before.version,
    to: later.version,
    changes: [...diffDefinitions(before.definition, later.definition)],
  };
}
