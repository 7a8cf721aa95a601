/** The world misbehaved, and may behave later: the effect stays in the outbox and is tried again. */
export class RetryableFailure extends Error {
  override readonly name = 'RetryableFailure';
  /** How long the world wants to be left alone, if it has said so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Trying again will not help. `code` is one of the engine's failure codes, and the action fails with it. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
  readonly code: 'ConfigurationError' | 'PermissionError' | 'RevisionUnavailable' | 'SystemUnavailable';

  constructor(code: PermanentFailure['code'], message: string) {
    super(message);
    this.code = code;
  }
}
