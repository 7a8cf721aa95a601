import { z } from 'zod';
import { base64url, fromBase64url, type KeyRing } from '../kernel/crypto.ts';

/** What one attempt of one action may do: write its own log and artifacts, and read its own inputs. */
export const JobClaims = z.object({
  tenant: z.string(),
  pool: z.string(),
  job: z.string(),
  inputs: z.array(z.string()),
  /** What its log is masked by, even when nobody remembers the job any more: names, and where they are looked up. */
  secrets: z.object({ pipelineId: z.string(), stage: z.string(), names: z.array(z.string()) }).optional(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
});
export type JobClaims = z.infer<typeof JobClaims>;

const PREFIX = 'mr_job_';
const PURPOSE = 'job-token';

/** Signed rather than stored: a job's token is made for every claim and never looked up. */
export async function mintJobToken(keys: KeyRing, claims: JobClaims): Promise<string> {
  const body = base64url(new TextEncoder().encode(JSON.stringify(claims)));
  return `${PREFIX}${body}.${base64url(await keys.sign(PURPOSE, body))}`;
}

/** Undefined: not a job's token, not ours, or expired. */
export async function verifyJobToken(keys: KeyRing, token: string, now: number): Promise<JobClaims | undefined> {
  if (!token.startsWith(PREFIX)) return undefined;
  const [body = '', signature = ''] = token.slice(PREFIX.length).split('.');
  const [bytes, signed] = [fromBase64url(body), fromBase64url(signature)];
  if (bytes === undefined || signed === undefined || !(await keys.verify(PURPOSE, body, signed))) return undefined;
  const claims = JobClaims.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return claims.expiresAt > now ? claims : undefined;
}
