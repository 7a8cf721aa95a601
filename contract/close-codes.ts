/** Why a feed's socket was closed, where the client can do something about it. Free of zod: the browser reads it too. */
export const CloseCode = {
  /** The feed goes on under the same address, served by another object: open it again at once. */
  Moved: 4001,
} as const;
