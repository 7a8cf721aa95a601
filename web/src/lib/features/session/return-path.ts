/** Where to go after signing in: a path of our own, or home. Anything that a browser could read as another origin is refused. */
export function safeReturnPath(candidate: string | null): string {
  if (candidate === null || !candidate.startsWith('/')) return '/';
  const url = new URL(candidate, 'https://millrace.invalid');
  if (url.origin !== 'https://millrace.invalid' || url.pathname.startsWith('/sign-in')) return '/';
  return url.pathname + url.search + url.hash;
}

export function signInPath(here: Pick<URL, 'pathname' | 'search' | 'hash'>): string {
  const path = here.pathname + here.search + here.hash;
  return path === '/' ? '/sign-in' : `/sign-in?return=${encodeURIComponent(path)}`;
}

/** Pages that anyone may read. */
export function isPublicPath(path: string): boolean {
  return path === '/sign-in' || path === '/docs/api' || path === '/api/docs';
}
