/** What stands behind the one @ of an address; undefined where there is none, or more than one. */
export function domainOf(email: string): string | undefined {
  const [name, domain, ...rest] = email.trim().toLowerCase().split('@');
  if (name === undefined || name === '' || domain === undefined || domain === '' || rest.length > 0) return undefined;
  return /^[\x21-\x7e]+$/.test(name + domain) ? domain : undefined;
}
