import { z } from 'zod';
import { base64url, fromBase64url, type KeyRing } from '../kernel/crypto.ts';

/** What one attempt of one action may do: write its own log and artifacts, and read its own inputs. */
export const JobClaims = z.object({
  tenant: z.string(),
  pool: z.string(),
  job: z.string(),
  inputs: z.array(z.string()),
  /** What its log is masked by, even when nobody remembers the job any more: names, and where they are looked up. */
  secrets: z
    .object({
      pipelineId: z.string(),
      stage: z.string(),
      names: z.array(z.string()),
      /** What it asks for identity tokens with is masked as well: it is made again from these. */
      identity: z.object({ pool: z.string(), job: z.string() }).optional(),
    })
    .optional(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
});
export type JobClaims = z.infer<typeof JobClaims>;

const PREFIX = 'mr_job_';
const PURPOSE = 'job-token';

/** Signed rather than stored: a job's token is made for every claim and never looked up. */
export function mintJobToken(keys: KeyRing, claims: JobClaims): Promise<string> {
  return sealed(keys, PREFIX, PURPOSE, claims);
}

/** Undefined: not a job's token, not ours, or expired. */
export async function verifyJobToken(keys: KeyRing, token: string, now: number): Promise<JobClaims | undefined> {
  const claims = JobClaims.safeParse(await opened(keys, PREFIX, PURPOSE, token));
  return claims.success && claims.data.expiresAt > now ? claims.data : undefined;
}

/**
 * What the commands of a job ask for identity tokens with: the only credential that they are given. It needs no end of its own, for
 * it opens nothing once no runner holds the job; and being the same whenever it is made, it can be masked by whoever knows the job.
 */
export const IdentityClaims = z.strictObject({ tenant: z.string(), pool: z.string(), job: z.string() });
export type IdentityClaims = z.infer<typeof IdentityClaims>;

const IDENTITY_PREFIX = 'mr_jid_';
const IDENTITY_PURPOSE = 'job-identity';

export function mintIdentityCredential(keys: KeyRing, { tenant, pool, job }: IdentityClaims): Promise<string> {
  return sealed(keys, IDENTITY_PREFIX, IDENTITY_PURPOSE, { tenant, pool, job });
}

export async function verifyIdentityCredential(keys: KeyRing, token: string): Promise<IdentityClaims | undefined> {
  return IdentityClaims.safeParse(await opened(keys, IDENTITY_PREFIX, IDENTITY_PURPOSE, token)).data;
}

async function sealed(keys: KeyRing, prefix: string, purpose: string, claims: object): Promise<string> {
  const body = base64url(new TextEncoder().encode(JSON.stringify(claims)));
  return `${prefix}${body}.${base64url(await keys.sign(purpose, body))}`;
}

async function opened(keys: KeyRing, prefix: string, purpose: string, token: string): Promise<unknown> {
  if (!token.startsWith(prefix)) return undefined;
  const [body = '', signature = ''] = token.slice(prefix.length).split('.');
  const [bytes, signed] = [fromBase64url(body), fromBase64url(signature)];
  if (bytes === undefined || signed === undefined || !(await keys.verify(purpose, body, signed))) return undefined;
  return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
}
