/** Where to go after signing in: a path of our own, or home. Anything that a browser could read as another origin is refused. */
export function safeReturnPath(candidate: string | null): string {
  if (candidate === null || !candidate.startsWith('/')) return '/';
  const url = new URL(candidate, 'https://millrace.invalid');
  if (url.origin !== 'https://millrace.invalid' || DOORS.some((door) => url.pathname.startsWith(door))) return '/';
  return url.pathname + url.search + url.hash;
}

export function signInPath(here: Pick<URL, 'pathname' | 'search' | 'hash'>): string {
  return withReturn('/sign-in', here.pathname + here.search + here.hash);
}

export function withReturn(path: string, back: string): string {
  return back === '/' ? path : `${path}?return=${encodeURIComponent(back)}`;
}

/** Of an invitation that one comes back to: the proof that one may make an account. */
export function invitationOf(back: string): string | undefined {
  return /^\/invitations\/([0-9a-z]+)$/.exec(back)?.[1];
}

/** Pages that anyone may read. */
export function isPublicPath(path: string): boolean {
  return DOORS.includes(path) || path === '/docs/api' || path === '/api/docs';
}

/** Where people are who are not signed in yet. */
const DOORS: readonly string[] = ['/sign-in', '/sign-up', '/forgot-password', '/reset-password', '/verify-email'];
