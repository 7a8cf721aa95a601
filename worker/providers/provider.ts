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
  readonly revision?: {
    readonly id: string;
    readonly digest: string;
    readonly sizeBytes: number;
    readonly summary: string;
  };
}

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
    }
  | {
      readonly kind: 'Failed';
      readonly code:
        'JobFailed' | 'ConfigurationError' | 'PermissionError' | 'RevisionUnavailable' | 'SystemUnavailable';
      readonly message: string;
    };
