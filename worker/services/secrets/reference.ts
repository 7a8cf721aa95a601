/** What a definition's `secrets` may name. */
export type SecretReference =
  | { readonly kind: 'secret'; readonly name: string }
  /** Of AWS, through a connection of the tenant's. */
  | { readonly kind: 'aws'; readonly service: 'secretsmanager' | 'ssm'; readonly name: string };

export function parseReference(text: string): SecretReference {
  const [, service, name = ''] = /^(secretsmanager|ssm):(.+)$/s.exec(text) ?? [];
  if (service === 'secretsmanager' || service === 'ssm') return { kind: 'aws', service, name };
  return { kind: 'secret', name: text };
}

/** The tenant's own among these, each once. */
export function ownNames(references: readonly string[]): readonly string[] {
  const names = references.map(parseReference).flatMap((one) => (one.kind === 'secret' ? [one.name] : []));
  return [...new Set(names)];
}
