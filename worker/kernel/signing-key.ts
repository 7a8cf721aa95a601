const PREFIX = 'whsec_';

/** Where a sender wants a key as Standard Webhooks has it, and a hook has one secret for whatever its host can do: the key is made from that. */
export async function signingKey(secret: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)));
}

/** The same as text, as it is given to the sender. */
export async function signingToken(secret: string): Promise<string> {
  return `${PREFIX}${btoa(String.fromCharCode(...(await signingKey(secret))))}`;
}
