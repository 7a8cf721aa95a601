/** Closes a `switch` over a tagged union: a new member that nobody handles stops compiling here. */
export function assertNever(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`);
}
