/** Bitbucket shows HTML comments as they are written. What it shows nothing of is a link that nothing refers to, with an empty line after it. */
export function hiddenMarker(marker: string): string {
  const [, text = marker] = /^<!-- *(.*?) *-->$/.exec(marker) ?? [];
  return `[//]: # (${text})\n`;
}
