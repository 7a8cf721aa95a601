/** Does the whole name match, where `*` stands for any run of characters and `?` for one? */
export function matchesGlob(name: string, glob: string): boolean {
  let at = 0;
  let place = 0;
  // Where the last star stands, and how much of the name it has taken so far.
  let star: { readonly after: number; taken: number } | undefined;
  while (at < name.length) {
    const wanted = glob[place];
    if (wanted === '*') {
      star = { after: place + 1, taken: at };
      place += 1;
    } else if (wanted === '?' || wanted === name[at]) {
      at += 1;
      place += 1;
    } else if (star !== undefined) {
      star.taken += 1;
      at = star.taken;
      place = star.after;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(place));
}
