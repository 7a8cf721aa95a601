import { readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RegisteredRunner } from '../../../contract/tokens.ts';
import { Client } from '../client/client.ts';

const Registration = RegisteredRunner.extend({ url: z.string() });
export type Registration = z.infer<typeof Registration>;

/** Where a registered runner keeps what the server gave it, for nobody else to read. */
export function registrationFile(stateDir: string): string {
  return join(stateDir, 'registration.json');
}

/** What this folder was registered with at that server. */
export async function knownRegistration(stateDir: string, url: string): Promise<Registration | undefined> {
  const text = await readFile(registrationFile(stateDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const known = Registration.parse(JSON.parse(text));
  return known.url === url ? known : undefined;
}

/** Trades the token for one of this runner's own. It works once, so what comes back is kept before anything else happens. */
export async function register(
  stateDir: string,
  { url, token, name }: { readonly url: string; readonly token: string; readonly name: string | undefined },
): Promise<Registration> {
  const answer = await new Client({ url, token }).send('POST', '/runners/register', { name: name ?? hostname() });
  const registration = { ...RegisteredRunner.parse(answer), url };
  const file = registrationFile(stateDir);
  await writeFile(`${file}.new`, `${JSON.stringify(registration, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return registration;
}
