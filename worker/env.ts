import { z } from 'zod';
import { QuotaName, SomeLimits } from '../contract/quotas.ts';

/** Vars and secrets, read and checked once per isolate; bindings come as they are. */
const Settings = z.object({
  /** The one secret of an installation; every other key is derived from it. */
  MILLRACE_KEY: z.string().min(32, 'MILLRACE_KEY must be a secret of at least 32 characters'),
  /** What MILLRACE_KEY was before, until every tenant's data keys are wrapped by the new one. */
  MILLRACE_KEY_PREVIOUS: z.string().min(32, 'MILLRACE_KEY_PREVIOUS must be what MILLRACE_KEY was').optional(),
  /** `open` lets anybody make an account; anything else needs an invitation. */
  MILLRACE_SIGN_UP: z.enum(['open', 'closed']).default('closed'),
  /** `none`: no Cloudflare in front says truly where a request comes from, so attempts at passwords are counted together. */
  MILLRACE_EDGE: z.enum(['cloudflare', 'none']).default('cloudflare'),
  /** `on`: an address must be confirmed before its owner can sign in. Needs a way to send mail. */
  MILLRACE_VERIFY_EMAIL: z.enum(['on', 'off']).default('off'),
  /** Letters go there, one JSON POST each; without it none are sent. */
  MILLRACE_MAIL_URL: z.url().optional(),
  MILLRACE_MAIL_TOKEN: z.string().min(1).optional(),
  MILLRACE_MAIL_FROM: z.string().min(3).optional(),
  /** `on`: links that are secrets are written to the log instead. On one's own machine only. */
  MILLRACE_MAIL_LOG: z.enum(['on', 'off']).default('off'),
  MILLRACE_GITHUB_CLIENT_ID: z.string().min(1).optional(),
  MILLRACE_GITHUB_CLIENT_SECRET: z.string().min(1).optional(),
  MILLRACE_GOOGLE_CLIENT_ID: z.string().min(1).optional(),
  MILLRACE_GOOGLE_CLIENT_SECRET: z.string().min(1).optional(),
  /** How long a tenant that is to be deleted can still be restored. */
  MILLRACE_TENANT_GRACE_DAYS: z.coerce.number().min(0).max(365).default(7),
  /** Limits for all tenants, in JSON, like {"pipelines": 50}; what is left out stays as `contract/quotas.ts` has it. */
  MILLRACE_QUOTAS: z.string().default('{}').transform(limitsIn),
  /** Who issues identity tokens, where that is another address than the one that jobs call. */
  MILLRACE_ISSUER: z.url({ protocol: /^https$/ }).optional(),
  /** Where hosts deliver to, where that is another address than the one that people use. */
  MILLRACE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Hosts on the operator's own network that actions may call: `host`, `host:port`, `.suffix`, separated by commas. */
  MILLRACE_PRIVATE_HOSTS: z.string().default(''),
  /** Names that tenants give are looked up there before they are gone to: DNS over HTTPS, in JSON. Without it their texts alone are judged. */
  MILLRACE_DNS_RESOLVER: z.url({ protocol: /^https$/ }).optional(),
  /** For uploads that are too large to pass through the Worker; without these, they are refused. */
  R2_S3_ENDPOINT: z.url().optional(),
  R2_S3_ACCESS_KEY_ID: z.string().optional(),
  R2_S3_SECRET_ACCESS_KEY: z.string().optional(),
  R2_S3_BUCKET: z.string().optional(),
});

function limitsIn(text: string, ctx: z.RefinementCtx): SomeLimits {
  try {
    return SomeLimits.parse(JSON.parse(text));
  } catch {
    const message = `MILLRACE_QUOTAS must be JSON like {"pipelines": 50}, with some of ${QuotaName.options.join(', ')}`;
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
}

export type Settings = z.infer<typeof Settings>;

export function readSettings(env: Cloudflare.Env): Settings {
  const parsed = Settings.safeParse(env);
  // Names and messages only: the values are secrets.
  const problems = parsed.success ? contradictions(parsed.data) : parsed.error.issues.map(({ message }) => message);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new Error(`bad configuration: ${problems.join('; ')}`);
}

/** What would fail later, and in silence. */
function contradictions(settings: Settings): readonly string[] {
  const has = (name: keyof Settings): boolean => settings[name] !== undefined;
  const problems: readonly [boolean, string][] = [
    [
      has('MILLRACE_GITHUB_CLIENT_ID') !== has('MILLRACE_GITHUB_CLIENT_SECRET'),
      'MILLRACE_GITHUB_CLIENT_ID and MILLRACE_GITHUB_CLIENT_SECRET go together',
    ],
    [
      has('MILLRACE_GOOGLE_CLIENT_ID') !== has('MILLRACE_GOOGLE_CLIENT_SECRET'),
      'MILLRACE_GOOGLE_CLIENT_ID and MILLRACE_GOOGLE_CLIENT_SECRET go together',
    ],
    [has('MILLRACE_MAIL_URL') && !has('MILLRACE_MAIL_FROM'), 'MILLRACE_MAIL_URL needs MILLRACE_MAIL_FROM'],
    [
      settings.MILLRACE_VERIFY_EMAIL === 'on' && !has('MILLRACE_MAIL_URL') && settings.MILLRACE_MAIL_LOG === 'off',
      'MILLRACE_VERIFY_EMAIL needs a way to send mail: MILLRACE_MAIL_URL',
    ],
  ];
  return problems.flatMap(([isWrong, message]) => (isWrong ? [message] : []));
}
