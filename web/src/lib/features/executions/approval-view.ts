/** A link out of a definition is followed by people who are about to approve something: only the web's own kinds count. */
export function safeWebLink(link: string | undefined): string | undefined {
  if (link === undefined || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}
