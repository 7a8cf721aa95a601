/** Ids and names only: never headers, bodies, configuration or environment. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  error(message: string, fields: LogFields, cause?: unknown): void;
}

/** One JSON line per entry, as Workers Logs indexes them. */
export const consoleLog: Log = {
  // eslint-disable-next-line no-console -- the platform's log is the console
  info: (message, fields) => console.log(JSON.stringify({ level: 'info', message, ...fields })),
  error: (message, fields, cause) =>
    // eslint-disable-next-line no-console -- the platform's log is the console
    console.error(JSON.stringify({ level: 'error', message, ...fields, cause: describe(cause) })),
};

export const silentLog: Log = { info: () => undefined, error: () => undefined };

function describe(cause: unknown): string | undefined {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined;
}
