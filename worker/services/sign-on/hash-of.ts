import { base64url } from '../../kernel/crypto.ts';

/** What lies in the database opens nothing. */
export async function hashOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
