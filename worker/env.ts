import { z } from 'zod';

/** Vars and secrets, read and checked once per isolate; bindings come as they are. */
const Settings = z.object({
  /** The one secret of an installation; every other key is derived from it. */
  MILLRACE_KEY: z.string().min(32, 'MILLRACE_KEY must be a secret of at least 32 characters'),
  /** What MILLRACE_KEY was before, until every tenant's data keys are wrapped by the new one. */
  MILLRACE_KEY_PREVIOUS: z.string().min(32, 'MILLRACE_KEY_PREVIOUS must be what MILLRACE_KEY was').optional(),
  /** `open` lets anybody make an account; anything else needs an invitation. */
  MILLRACE_SIGN_UP: z.enum(['open', 'closed']).default('closed'),
  /** Hosts on the operator's own network that actions may call: `host`, `host:port`, `.suffix`, separated by commas. */
  MILLRACE_PRIVATE_HOSTS: z.string().default(''),
  /** For uploads that are too large to pass through the Worker; without these, they are refused. */
  R2_S3_ENDPOINT: z.url().optional(),
  R2_S3_ACCESS_KEY_ID: z.string().optional(),
  R2_S3_SECRET_ACCESS_KEY: z.string().optional(),
  R2_S3_BUCKET: z.string().optional(),
});
export type Settings = z.infer<typeof Settings>;

export function readSettings(env: Cloudflare.Env): Settings {
  const parsed = Settings.safeParse(env);
  if (parsed.success) return parsed.data;
  // Names and messages only: the values are secrets.
  throw new Error(`bad configuration: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
}
