import type { ExecutionId, Instant, PipelineId } from '../../engine/ids.ts';
import type { ChangedFiles, Commit, SourceEvent } from '../../engine/source-event.ts';

/** The hook that deliveries come to, as it was when one came. */
export interface HookRef {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly connectionId: string | null;
  /** Null: those of several come to it. */
  readonly repository: string | null;
}

/** A delivery that was found to be signed right, as the sender's id has it once. */
export interface NewDelivery {
  readonly id: string;
  readonly hook: HookRef;
  /** What the sender calls it. */
  readonly name: string;
  readonly events: readonly SourceEvent[];
  /** There is nothing in it: why. */
  readonly nothing?: { readonly kind: 'Ignored' | 'Unreadable'; readonly reason: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  /** Of the body, where the sender signs that and not the id: the same body under another id is the same delivery. */
  readonly bodyHash?: string;
  /** Compressed; or the place where it is kept, if it is too large for here. */
  readonly payload: Uint8Array<ArrayBuffer> | string | undefined;
}

export type Received =
  { readonly ok: true; readonly isNew: boolean } | { readonly ok: false; readonly retryAfterSeconds: number };

export type Outcome = {
  readonly kind: 'Ignored' | 'Unreadable' | 'NoPipeline' | 'WrongRepository' | 'Closed' | 'Failed';
  readonly reason: string;
};

export interface DeliveryBody extends Omit<NewDelivery, 'payload'> {
  readonly payloadKey?: string;
  /** Made from this one, because somebody wanted it. */
  readonly replayOf?: string;
  readonly by?: string;
  readonly outcome?: Outcome;
}

export interface StoredDelivery {
  readonly seq: number;
  readonly at: Instant;
  /** It has not been offered to all pipelines yet. */
  readonly isOpen: boolean;
  readonly body: DeliveryBody;
}

/** A pipeline that watches where something happened. */
export interface Target {
  readonly pipeline: PipelineId;
  readonly name: string;
  readonly watched: readonly { readonly action: string; readonly reference: string; readonly repository: string }[];
}

export type Verdict =
  | {
      readonly kind: 'Started';
      readonly execution: ExecutionId;
      readonly number: number;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'Filtered'; readonly reasons: readonly string[] }
  | { readonly kind: 'Refused'; readonly code: string; readonly message: string }
  /** It was refused for a reason that passes, and is offered again. */
  | { readonly kind: 'Retrying'; readonly code: string; readonly message: string; readonly tries: number }
  /** Somebody has to let it in. */
  | { readonly kind: 'Waiting'; readonly reason: string }
  /** A newer one of the same branch came before it could start. */
  | { readonly kind: 'Superseded'; readonly by: string };

export interface StoredVerdict {
  readonly seq: number;
  readonly event: number;
  readonly target: Target;
  /** Of which branch, tag or pull request it is. */
  readonly ref: string;
  readonly at: Instant;
  /** When it is offered again. */
  readonly dueAt?: Instant;
  readonly approvedBy?: string;
  readonly verdict: Verdict;
}

export type Route =
  | { readonly kind: 'Pipelines'; readonly targets: readonly Target[] }
  | { readonly kind: 'NoPipeline' | 'WrongRepository' | 'Closed'; readonly reason: string };

/** What a host answers about an event. */
export interface HostAnswer {
  readonly files?: ChangedFiles;
  readonly defaultBranch?: string | null;
}

/** Where a branch stands, by the host's own word. */
export interface BranchTip {
  readonly repository: string;
  readonly branch: string;
  readonly commit: Commit;
}

/** A request that was not signed right. Nothing of what it said is kept. */
export interface Unverified {
  readonly at: Instant;
  readonly reason: string;
  readonly sizeBytes: number;
  readonly sender: string;
}

export interface DeliveryFilter {
  readonly pipeline?: string;
  readonly repository?: string;
  readonly commit?: string;
  /** Kind of a verdict or of an outcome. */
  readonly verdict?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Where a page begins: what came before that. */
export interface Before {
  readonly at: Instant;
  /** What came at that very moment, too, up to here. */
  readonly seq?: number;
}

export interface ListedDelivery extends StoredDelivery {
  readonly verdicts: readonly StoredVerdict[];
}

export function laneOf({ events }: Pick<NewDelivery, 'events'>): string {
  const [event] = events;
  if (event === undefined || event.kind === 'custom') return '';
  return event.kind === 'object' ? event.bucket : (event.repository.id ?? event.repository.name.toLowerCase());
}

export function refOf(event: SourceEvent): string {
  switch (event.kind) {
    case 'push':
      return `${event.ref.kind}:${event.ref.name}`;
    case 'pullRequest':
      return `pullRequest:${event.number}`;
    case 'image':
      return `image:${event.tag}`;
    case 'object':
      return `object:${event.key}`;
    case 'custom':
      return 'webhook';
  }
}

export function commitOf(event: SourceEvent): string | undefined {
  if (event.kind === 'push') return event.after?.id;
  return event.kind === 'pullRequest' ? event.head.commit.id : undefined;
}

export function repositoryOf(event: SourceEvent): string | undefined {
  if (event.kind === 'custom') return undefined;
  return event.kind === 'object' ? event.bucket : event.repository.name;
}
