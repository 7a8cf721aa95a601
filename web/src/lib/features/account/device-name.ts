/** What a person recognises of a browser's long name. */
export function deviceName(userAgent: string | null | undefined): string {
  const text = userAgent ?? '';
  const browser = /Edg\//.test(text)
    ? 'Edge'
    : /Firefox\//.test(text)
      ? 'Firefox'
      : /Chrome\//.test(text)
        ? 'Chrome'
        : /Safari\//.test(text)
          ? 'Safari'
          : undefined;
  const system = /(iPhone|iPad|Android|Windows|Mac OS X|CrOS|Linux)/.exec(text)?.[1]?.replace('Mac OS X', 'macOS');
  if (browser === undefined && system === undefined) return text === '' ? 'Unknown device' : text.slice(0, 40);
  return [browser, system].filter((part) => part !== undefined).join(' on ');
}
