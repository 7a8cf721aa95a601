/**
 * Carries out the actions of some types. The engine calls `start` at least once per attempt, always with the same `job`: that
 * is the idempotency key to hand on, and a second `start` with it must not start anything twice. `poll` is called only after a
 * Running with `checkAfterMs`. `cancel` may come before, between or after anything, even for work that never started.
 * Throw RetryableFailure when the world misbehaved and PermanentFailure when trying again is useless; a failing build is
 * neither, it is a Failed progress.
 */
export interface ActionProvider<Run extends ProviderRun = ProviderRun> {
  /** Keys of the action types, as in `definition/action-types.ts`. */
  readonly types: readonly string[];
  start(run: Run): Promise<Progress>;
  poll(run: Run, externalId: string | undefined): Promise<Progress>;
  /** `Cancelled`: it is certain that nothing runs. `Cancelling`: the confirmation will come as a report. */
  cancel(run: Run, externalId: string | undefined, cause: string): Promise<'Cancelled' | 'Cancelling'>;
}

/** One attempt with everything resolved; the engine's ActionRun has these members and more. */
export interface ProviderRun {
  readonly tenant: string;
  readonly execution: string;
  readonly job: string;
  readonly type: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly outputs: readonly { readonly name: string }[];
  readonly stage?: string;
  readonly pipeline?: { readonly name: string };
  /** The action, or the rule, as its execution addresses it. */
  readonly action?: string;
  readonly attempt?: number;
  /** When this attempt began, and when the stage before its own was left; milliseconds since the Unix epoch. */
  readonly startedAt?: number;
  readonly previousStageEndedAt?: number;
  /** How many executions have called each other to bring this one about. */
  readonly depth?: number;
  readonly revision?: {
    readonly id: string;
    readonly digest: string;
    readonly sizeBytes: number;
    readonly summary: string;
  };
  /** Exactly which revision a source action is to fetch; absent: the newest one. */
  readonly pin?: Pin;
  /** Of AWS: where the action works, and the role that it works in; absent: as its connection says. */
  readonly region?: string;
  readonly roleArn?: string;
}

/** The engine's Pin has these members and more. */
export interface Pin {
  readonly type: 'COMMIT_ID' | 'IMAGE_DIGEST' | 'S3_OBJECT_VERSION_ID' | 'S3_OBJECT_KEY';
  readonly value: string;
  readonly key?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly summary?: string;
  readonly url?: string;
  readonly isUntrusted?: true;
  readonly pullRequest?: {
    readonly number: number;
    readonly title: string;
    readonly url?: string;
    readonly base: string;
    readonly headRepository?: string;
  };
}

/** What a source action has fetched; the bytes are its first artifact. */
export interface FetchedRevision {
  readonly id: string;
  readonly summary: string;
  readonly branch?: string;
  readonly url?: string;
  readonly type: Pin['type'];
  readonly isUntrusted?: true;
  readonly at?: { readonly connection: string; readonly repository: string };
  readonly isClone?: true;
}

/** Bytes as a host or a bucket hands them out. */
export interface FetchedBytes {
  readonly body: ReadableStream<Uint8Array>;
  readonly format: 'zip' | 'tar.gz' | 'file';
  readonly topFolder?: boolean;
  readonly name?: string;
  /** Of a single file, if that is known beforehand. */
  readonly sizeBytes?: number;
}

/** One file or link of a tree. */
export interface FetchedEntry {
  readonly path: string;
  readonly kind: 'file' | 'symlink';
  readonly mode: number;
  readonly sizeBytes: number;
  /** Of a link: where it leads. */
  readonly to?: string;
  readonly body: ReadableStream<Uint8Array>;
}

export interface TakenBytes {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Stores a tree whose files are fetched one by one. */
export type TakeTree = (
  tenant: string,
  entries: AsyncIterable<FetchedEntry>,
  maxBytes: number,
) => Promise<TakenBytes>;

/** Stores what a source has fetched, as what runners unpack. */
export type TakeBytes = (tenant: string, bytes: FetchedBytes, maxBytes: number) => Promise<TakenBytes>;

/** Through the Worker, packed. Larger trees are for runners to clone. */
export const SOURCE_MAX_BYTES = 256 * 1024 * 1024;

export type Progress =
  | {
      readonly kind: 'Running';
      readonly externalId?: string;
      readonly externalUrl?: string;
      readonly summary?: string;
      /** Absent: the carrier reports by itself. */
      readonly checkAfterMs?: number;
    }
  | {
      readonly kind: 'Succeeded';
      readonly variables: Readonly<Record<string, string>>;
      readonly artifacts: readonly { readonly name: string; readonly digest: string; readonly sizeBytes: number }[];
      readonly summary?: string;
      readonly revision?: FetchedRevision;
    }
  | {
      readonly kind: 'Failed';
      readonly code:
        'JobFailed' | 'ConfigurationError' | 'PermissionError' | 'RevisionUnavailable' | 'SystemUnavailable';
      readonly message: string;
    }
  /** Of a rule alone: it was evaluated, and it does not hold. */
  | {
      readonly kind: 'Failed';
      readonly code: 'ConditionUnmet';
      readonly message: string;
      /** It cannot hold before that. Absent: nobody knows when it could. */
      readonly checkAfterMs?: number;
    };

/** A provider whose every answer is there at once: nothing runs anywhere, so nothing can run twice or be left behind. */
export function answering(
  types: readonly string[],
  answer: (run: ProviderRun) => Progress | Promise<Progress>,
): ActionProvider {
  return {
    types,
    start: async (run) => answer(run),
    poll: async (run) => answer(run),
    cancel: () => Promise.resolve('Cancelled'),
  };
}

export function met(summary: string): Progress {
  return { kind: 'Succeeded', variables: {}, artifacts: [], summary };
}

export function unmet(message: string, checkAfterMs?: number): Progress {
  return {
    kind: 'Failed',
    code: 'ConditionUnmet',
    message,
    ...(checkAfterMs === undefined ? {} : { checkAfterMs }),
  };
}

export function misconfigured(message: string): Progress {
  return { kind: 'Failed', code: 'ConfigurationError', message };
}

/** What was to be fetched is not there. */
export function unavailable(message: string): Progress {
  return { kind: 'Failed', code: 'RevisionUnavailable', message };
}

export function bytesOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}
