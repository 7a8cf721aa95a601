/** Small wishes of the reader that survive a reload. A browser that refuses storage merely forgets them. */
export function readRemembered(name: string): string | undefined {
  try {
    return localStorage.getItem(`millrace.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeRemembered(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`millrace.${name}`);
    else localStorage.setItem(`millrace.${name}`, value);
  } catch {
    // Private windows may refuse; the wish then holds for this page only.
  }
}
