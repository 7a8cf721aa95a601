import { compileTriggers } from '../../definition/triggers.ts';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import type { ExecutionId } from '../../engine/ids.ts';
import { detailOf, type MatchResult, matchSources, type Missing } from '../../engine/matching.ts';
import { matchWebhook } from '../../engine/matching-webhook.ts';
import type { Pin, Trigger } from '../../engine/model.ts';
import type { ChangedFiles, SourceEvent } from '../../engine/source-event.ts';
import type { TriggerPlan } from '../../engine/trigger-plan.ts';
import { jsonPath } from '../../kernel/json-path.ts';
import type { StartCode } from './pipeline-orders.ts';
import type { StoredVersion } from './pipeline-store.ts';

/** Something that happened, and why this pipeline may want to know. */
export interface PipelineDelivery {
  /** Of the delivery and its place in it; the same for every resend. */
  readonly key: string;
  readonly event: SourceEvent;
  /** What the index says that the pipeline watches there. */
  readonly watched: readonly { readonly action: string; readonly reference: string; readonly repository: string }[];
  /** Name of the hook that it came to, for webhooks. */
  readonly hook: string;
  /** Kind of the sender. */
  readonly sender: string;
  /** What the host said when it was asked. */
  readonly files?: ChangedFiles;
  readonly defaultBranch?: string | null;
  readonly isApproved?: boolean;
  /** Of the end of an execution: how many have started each other to get here. */
  readonly depth?: number;
}

export type DeliveryVerdict =
  | {
      readonly kind: 'Started';
      readonly execution: ExecutionId;
      readonly number: number;
      readonly isNew: boolean;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'Needs'; readonly what: readonly Missing[] }
  | { readonly kind: 'NeedsApproval'; readonly reason: string }
  | { readonly kind: 'Filtered'; readonly reasons: readonly string[] }
  | {
      readonly kind: 'Refused';
      readonly code: StartCode;
      readonly message: string;
      /** A newer execution takes the place of an older one that waits. */
      readonly isSuperseding: boolean;
      readonly retryAfterSeconds?: number;
    };

/** No header can hold a line break, so nobody's Idempotency-Key is ever one of these. */
export const DELIVERY_KEY = 'delivery\n';

/** Versions that are older than triggers are read from their definition. */
export function triggersOf({ triggers, document }: StoredVersion): TriggerPlan {
  return triggers ?? compileTriggers(JSON.parse(document) as PipelineDefinition);
}

type DeliveryMatch =
  | {
      readonly kind: 'Start';
      readonly pins: Readonly<Record<string, Pin>>;
      readonly variables: Readonly<Record<string, string>>;
      readonly detail: string;
      readonly notes: readonly string[];
    }
  | Exclude<MatchResult, { readonly kind: 'Start' }>;

export function matchDelivery(plan: TriggerPlan, delivery: PipelineDelivery): DeliveryMatch {
  const { event, hook, watched, sender, files, defaultBranch, isApproved } = delivery;
  if (event.kind === 'custom') {
    const match = matchWebhook(plan.webhooks, hook, event, reader(event.payload));
    if (match.kind === 'Filtered') return match;
    return { kind: 'Start', pins: {}, variables: match.variables, detail: detailOf(event), notes: [] };
  }
  const actions = plan.sources
    .filter(({ action, reference, repository }) =>
      watched.some((one) => one.action === action && one.reference === reference && one.repository === repository),
    )
    .map(({ action }) => action);
  const known = files !== undefined && (event.kind === 'push' || event.kind === 'pullRequest') ? { files } : {};
  const match = matchSources(plan, {
    event: { ...event, ...known },
    actions,
    host: sender,
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(isApproved === undefined ? {} : { isApproved }),
  });
  return match.kind === 'Start' ? { ...match, variables: {} } : match;
}

/** Who it was, by the host's own account; nothing that a commit says of its author counts. */
export function triggerOf({ event, sender, hook, depth }: PipelineDelivery, detail: string): Trigger {
  const { id, name } = event.actor;
  if (depth !== undefined) {
    return { type: 'CloudWatchEvent', by: name, detail: `${hook.replace(':', ' ')} has ended`, depth };
  }
  const isCloud = event.kind === 'image' || event.kind === 'object';
  return {
    type: isCloud ? 'CloudWatchEvent' : 'WebhookV2',
    by: event.kind === 'custom' ? `${name === '' ? 'webhook' : name} (${hook})` : name,
    ...(id === undefined ? {} : { actor: `${sender}:${id}` }),
    detail,
  };
}

function reader(payload: string): (path: string) => string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(payload);
  } catch {
    return () => undefined;
  }
  return (path) => {
    const value = jsonPath(path)?.(document);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;
  };
}
