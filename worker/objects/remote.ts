/** An object's methods as its callers see them. */
export type Remote<T> = {
  readonly [Key in keyof T as T[Key] extends (...args: never[]) => unknown ? Key : never]: T[Key] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

const ATTEMPTS_MAX = 4;
const PAUSE_MS = 40;

/**
 * Calls through a fresh stub each time, and again when the platform says that the call may not have arrived: every method of
 * every object is idempotent. An overloaded object is left alone.
 */
export function remote<T extends Rpc.DurableObjectBranded>(stub: () => DurableObjectStub<T>): Remote<T> {
  return new Proxy({} as Remote<T>, {
    get:
      (_, method: string) =>
      async (...args: unknown[]): Promise<unknown> => {
        for (let attempt = 1; ; attempt += 1) {
          try {
            // The proxy's type promises exactly the methods that the stub has; RPC's own types say so less plainly.
            const methods = stub() as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
            return await methods[method]?.(...args);
          } catch (error) {
            if (attempt === ATTEMPTS_MAX || !isPassing(error)) throw error;
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt * Math.random()));
          }
        }
      },
  });
}

function isPassing(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { retryable, overloaded, durableObjectReset } = error as Readonly<Record<string, unknown>>;
  return overloaded !== true && (retryable === true || durableObjectReset === true);
}
