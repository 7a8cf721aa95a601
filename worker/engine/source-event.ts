import type { Instant } from './ids.ts';

/**
 * What a delivery says, in one form for all that deliver. Everything in it is asserted by whoever signed the delivery; nothing of a
 * commit (its author's name, its message) may decide what an execution is allowed to do.
 */
export type SourceEvent = PushEvent | PullRequestEvent | ImageEvent | ObjectEvent | CustomEvent;

/** A repository as its host knows it. The id outlives a change of name. */
export interface RepositoryRef {
  /** Like `example-org/shop`; groups may nest. */
  readonly name: string;
  readonly id?: string;
}

export interface Commit {
  readonly id: string;
  readonly message?: string;
  readonly url?: string;
  readonly authoredAt?: Instant;
}

/** Who did it, by the host's own account. For people to read, and for rules that compare `id` whole. */
export interface EventActor {
  readonly id?: string;
  readonly name: string;
}

/** Paths that were changed; `isComplete` is false when the host sent only some of them. */
export interface ChangedFiles {
  readonly paths: readonly string[];
  readonly isComplete: boolean;
}

export interface PushEvent {
  readonly kind: 'push';
  readonly repository: RepositoryRef;
  readonly ref: { readonly kind: 'branch' | 'tag'; readonly name: string };
  /** Absent: the branch or tag is new. */
  readonly before?: string;
  /** Absent: it was deleted. */
  readonly after?: Commit;
  /** Absent: the host has to be asked. */
  readonly files?: ChangedFiles;
  readonly actor: EventActor;
  readonly url?: string;
}

export interface PullRequestEvent {
  readonly kind: 'pullRequest';
  readonly repository: RepositoryRef;
  /** MERGED: closed by being merged. */
  readonly event: 'OPEN' | 'UPDATED' | 'CLOSED' | 'MERGED';
  readonly number: number;
  readonly title: string;
  readonly url?: string;
  readonly head: { readonly branch: string; readonly commit: Commit; readonly repository: RepositoryRef };
  readonly base: { readonly branch: string; readonly commit?: string };
  /** The head is in another repository than the base: whoever wrote it may have no rights in this one. */
  readonly isFork: boolean;
  readonly isDraft: boolean;
  readonly files?: ChangedFiles;
  readonly actor: EventActor;
}

/** A container image was pushed. */
export interface ImageEvent {
  readonly kind: 'image';
  readonly repository: RepositoryRef;
  readonly tag: string;
  readonly digest?: string;
  readonly actor: EventActor;
}

/** An object was written to a bucket. */
export interface ObjectEvent {
  readonly kind: 'object';
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  readonly etag?: string;
  readonly actor: EventActor;
}

/** Anything else, signed by somebody who holds the hook's secret. */
export interface CustomEvent {
  readonly kind: 'custom';
  /** What the sender calls it; empty if it says nothing. */
  readonly type: string;
  /** JSON text, for the variables that a trigger takes out of it. */
  readonly payload: string;
  readonly actor: EventActor;
}
