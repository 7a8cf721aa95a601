/** Reached from this machine whichever of its addresses the server listens on. */
const BY_NAME = ['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1'];

/** Where a server on `host` and `port` is found from this machine. */
export function addressOf(host: string, port: number): string {
  if (BY_NAME.includes(host)) return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
