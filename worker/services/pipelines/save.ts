import { stringify } from 'yaml';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { Pipeline, SavedPipeline } from '../../../contract/pipelines.ts';
import { compile } from '../../definition/compile.ts';
import { parseDefinition, parseDefinitionText } from '../../definition/parse.ts';
import type { DefinitionProblem } from '../../definition/problem.ts';
import { compileTriggers } from '../../definition/triggers.ts';
import { schedulesOf } from '../../definition/schedules.ts';
import { warningsOf } from '../../definition/warnings.ts';
import type { PipelineId } from '../../engine/ids.ts';
import { sha256 } from '../../kernel/crypto.ts';
import type { Head, StoredVersion } from '../../objects/pipeline/pipeline-store.ts';
import { checkConnections } from '../connections/check.ts';
import { watchSources } from '../connections/watching.ts';
import { actorName, type ServiceContext, type Tenant } from '../context.ts';
import { DomainError } from '../domain-error.ts';
import { refuseAboveQuota } from '../quotas.ts';

export interface DefinitionInput {
  readonly text: string;
  readonly isYaml: boolean;
}

/** Who saves: a person or a program, or the file that a pipeline follows. */
export interface SaveContext extends Pick<ServiceContext, 'actor' | 'ports' | 'note'> {
  readonly tenant: Pick<Tenant, 'id'>;
}

/** Saves a definition as the pipeline's next version; the pipeline is made if there is none of that name. */
export async function savePipeline(
  ctx: SaveContext,
  name: string,
  input: DefinitionInput,
  ifVersion: number | undefined,
): Promise<{ pipeline: SavedPipeline; isNew: boolean }> {
  const { definition, warnings } = await checkDefinition(ctx, input);
  if (definition.name !== name) {
    const detail = `The definition is named "${definition.name}", but the address says "${name}". Make them the same.`;
    throw new DomainError('pipeline_name_mismatch', detail, {
      errors: [{ path: 'name', message: `must be "${name}"` }],
    });
  }
  const document = JSON.stringify(definition);
  const order = {
    tenant: ctx.tenant.id,
    name,
    mode: definition.mode,
    onUpdate: definition.onUpdate ?? 'continue',
    createdBy: actorName(ctx.actor),
    digest: `sha256:${await sha256(document)}`,
    variables: definition.variables,
    plan: compile(definition),
    triggers: compileTriggers(definition),
    schedules: schedulesOf(definition),
    document,
    ...(input.isYaml ? { source: input.text } : {}),
    ...(ifVersion === undefined ? {} : { ifVersion }),
  };
  const { pipelineIndex, pipelines, newId, clock } = ctx.ports;
  if ((await pipelineIndex.byName(ctx.tenant.id, name)) === undefined) await refuseAboveQuota(ctx, 'pipelines');
  // A second round only when the name still belongs to a pipeline that has been deleted.
  for (let round = 0; round < 2; round += 1) {
    const row = await pipelineIndex.claimName(ctx.tenant.id, name, newId(12) as PipelineId, clock.now());
    const id = row.id as PipelineId;
    const before = row.version === 0 ? undefined : await pipelines(ctx.tenant.id, id).describe(ctx.tenant.id);
    const outcome = await pipelines(ctx.tenant.id, id).save({ ...order, id });
    if (outcome.ok) {
      const described = await pipelines(ctx.tenant.id, id).describe(ctx.tenant.id);
      if (described === null) throw new DomainError('version_conflict', 'The pipeline was deleted meanwhile.');
      await watchSources(ctx.ports.connections, ctx.tenant.id, id, definition);
      ctx.note?.({
        ...(before === undefined || before === null ? {} : { before: named(before) }),
        after: named(described),
      });
      const pipeline = { ...pipelineView(described.head, described.version), warnings: [...warnings] };
      return { pipeline, isNew: outcome.isNew };
    }
    if (outcome.code !== 'pipeline_deleted') throw new DomainError(outcome.code, outcome.message);
    await pipelineIndex.remove(ctx.tenant.id, id);
  }
  throw new DomainError('busy', 'The pipeline is being deleted; try again in a moment.');
}

/** For the audit log: which text it was, not the text. */
function named({ version: { version, digest } }: { readonly version: StoredVersion }) {
  return { version, digest };
}

/** By itself first, then against what the tenant has. */
export async function checkDefinition(
  ctx: Pick<SaveContext, 'tenant' | 'ports'>,
  { text, isYaml }: DefinitionInput,
): Promise<{ readonly definition: PipelineDefinition; readonly warnings: readonly DefinitionProblem[] }> {
  const parsed = isYaml ? parseDefinitionText(text) : parseDefinition(json(text));
  if (!parsed.ok) throw invalid(parsed.problems);
  const { definition } = parsed;
  const { errors, warnings } = await checkConnections(ctx, definition);
  if (errors.length > 0) throw invalid(errors);
  return { definition, warnings: [...warningsOf(definition), ...warnings] };
}

function invalid(problems: readonly DefinitionProblem[]): DomainError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new DomainError('definition_invalid', `The definition has ${count}.`, { errors: [...problems] });
}

export function pipelineView(head: Head, version: StoredVersion): Pipeline {
  return {
    name: head.name,
    id: head.id,
    version: version.version,
    mode: version.mode,
    // Stored by `savePipeline` alone, after it had been checked.
    definition: JSON.parse(version.document) as PipelineDefinition,
    createdAt: new Date(head.createdAt).toISOString(),
    updatedAt: new Date(version.createdAt).toISOString(),
    updatedBy: version.createdBy,
  };
}

/** As the author wrote it, comments and all; what came as JSON is written out as YAML. */
export function pipelineYaml(version: StoredVersion): string {
  return version.source ?? stringify(JSON.parse(version.document));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError('bad_request', `The body is not JSON: ${String(error)}. Send YAML as application/yaml.`);
  }
}
