/** User guide, "CodeStarSourceConnection": longer messages are cut. */
const MESSAGE_MAX_BYTES = 100 * 1024;
const TITLE_MAX = 200;

/** A commit's message, as long as an output variable may hold. */
export function cutMessage(message: string): string {
  const bytes = new TextEncoder().encode(message);
  if (bytes.byteLength <= MESSAGE_MAX_BYTES) return message;
  // A character that is cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, MESSAGE_MAX_BYTES)).replace(/\uFFFD+$/, '');
}

export function titleOf(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, TITLE_MAX);
}

/** ISO 8601 in UTC, to the second. */
export function isoSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
