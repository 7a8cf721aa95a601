import { z } from 'zod';
import { EntityName, Region, RoleArn } from './names.ts';

export const ConnectionKindName = z.enum([
  'github',
  'gitlab',
  'bitbucket',
  'bitbucket-dc',
  'gitea',
  'azure-devops',
  'aws',
]);
export type ConnectionKindName = z.infer<typeof ConnectionKindName>;

export const CredentialKind = z.enum(['token', 'app', 'keys']);
export type CredentialKind = z.infer<typeof CredentialKind>;

/** What a person needs to make a connection of a kind. */
export const ConnectionKind = z
  .object({
    kind: ConnectionKindName,
    label: z.string(),
    baseUrl: z.object({
      default: z.string().nullable(),
      hint: z.string(),
      isRequired: z.boolean().describe('Is there none that goes without saying?'),
    }),
    credentials: z.array(
      z.object({
        kind: CredentialKind,
        label: z.string(),
        where: z.string().describe('Where they are made.'),
        user: z.enum(['no', 'optional', 'required']).describe('Does a user go with the token?'),
        userHint: z.string().nullable(),
        scopes: z
          .array(z.object({ name: z.string(), why: z.string(), isOptional: z.boolean() }))
          .describe('The least that has to be granted.'),
      }),
    ),
    hooks: z
      .object({ where: z.string(), events: z.array(z.string()) })
      .nullable()
      .describe('How to make a hook by hand; null: this kind has no hooks.'),
  })
  .meta({ id: 'ConnectionKind' });
export type ConnectionKind = z.infer<typeof ConnectionKind>;

const TestOutcome = z.object({
  at: z.string(),
  ok: z.boolean(),
  identity: z.string().nullable().describe('Who the credentials are.'),
  scopes: z.array(z.string()).describe('What they may, as far as the other side says.'),
  warnings: z.array(z.string()).describe('What is missing for something that Millrace does.'),
  problem: z.string().nullable(),
  place: z.enum(['credentials', 'baseUrl']).nullable().describe('What to change.'),
});

export const ConnectionTest = TestOutcome.meta({ id: 'ConnectionTest' });
export type ConnectionTest = z.infer<typeof ConnectionTest>;

export const Connection = z
  .object({
    id: z.string(),
    name: z.string().describe('What definitions call it.'),
    kind: ConnectionKindName,
    baseUrl: z.string().nullable().describe('Null: the regular endpoints of AWS.'),
    apiUrl: z.string().nullable().describe('Null: follows from the base.'),
    arn: z
      .string()
      .nullable()
      .describe('An AWS connection that this one stands for in definitions from CodePipeline.'),
    credentials: z
      .object({
        kind: CredentialKind,
        user: z.string().nullable(),
        appId: z.string().nullable(),
        installationId: z.string().nullable(),
        accessKeyId: z.string().nullable(),
      })
      .describe('Without what is secret: that is never shown again.'),
    region: z.string().nullable(),
    roleArn: z.string().nullable(),
    externalId: z.string().nullable().describe('Of AWS: what the trust policy of the role must ask for.'),
    disabled: z.boolean(),
    createdAt: z.string(),
    createdBy: z.string(),
    updatedAt: z.string(),
    updatedBy: z.string(),
    lastTest: TestOutcome.nullable(),
    pipelines: z.array(z.string()).describe('Whose current version uses it.'),
  })
  .meta({ id: 'Connection' });
export type Connection = z.infer<typeof Connection>;

const secretText = z.string().min(1).max(16_384);
/** Goes into a header. */
const tokenText = secretText.regex(/^[\x21-\x7e]+$/, 'may hold printable characters and no blanks');
const shortText = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]+$/u, 'may hold no control characters');

export const Credentials = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('token'), token: tokenText, user: shortText.optional() }),
    z.strictObject({
      kind: z.literal('app'),
      appId: shortText.regex(/^[A-Za-z0-9._-]+$/, 'must be the id of the app, or its client id'),
      installationId: z
        .string()
        .regex(/^\d{1,20}$/, 'must be a number')
        .optional(),
      privateKey: secretText.regex(
        /^\s*-----BEGIN (RSA )?PRIVATE KEY-----[\s\S]+-----END (RSA )?PRIVATE KEY-----\s*$/,
        'must be a PEM file, from -----BEGIN to the end of -----END …-----',
      ),
    }),
    z.strictObject({
      kind: z.literal('keys'),
      accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/, 'must be the id of an access key, like AKIA…'),
      secretAccessKey: tokenText,
    }),
  ])
  .meta({ id: 'ConnectionCredentials' });
export type Credentials = z.infer<typeof Credentials>;

const Address = z.url({ protocol: /^https?$/ }).max(500);
const Arn = z
  .string()
  .max(256)
  .regex(
    /^arn:aws(-\w+)*:(codestar-connections|codeconnections):[a-z0-9-]+:\d{12}:connection\/[A-Za-z0-9-]+$/,
    'must be the ARN of an AWS connection',
  );

const members = {
  name: EntityName.describe('What definitions call it.'),
  baseUrl: Address.nullable().optional().describe('Left out: the one that goes without saying, where there is one.'),
  apiUrl: Address.nullable().optional().describe('Where the API is, if that does not follow from the base.'),
  arn: Arn.nullable().optional(),
  region: Region.nullable().optional().describe('Of AWS.'),
  roleArn: RoleArn.nullable().optional().describe('Of AWS: a role to assume with the keys.'),
  disabled: z.boolean().optional().describe('Nothing uses it while it is.'),
};

export const CreateConnection = z
  .strictObject({ ...members, kind: ConnectionKindName, credentials: Credentials })
  .meta({ id: 'CreateConnection' });
export type CreateConnection = z.infer<typeof CreateConnection>;

export const ChangeConnection = z
  .strictObject({
    ...members,
    name: members.name.optional(),
    credentials: Credentials.optional().describe('Left out: those that it has. A new address asks for them again.'),
  })
  .meta({ id: 'ChangeConnection' });
export type ChangeConnection = z.infer<typeof ChangeConnection>;

export const SaveQuery = z.object({
  force: z.stringbool().default(false).describe('Save although the test fails; it is recorded all the same.'),
});

export const ConnectionRepository = z
  .object({
    name: z.string(),
    id: z.string(),
    defaultBranch: z.string(),
    url: z.string(),
    isPrivate: z.boolean(),
  })
  .meta({ id: 'ConnectionRepository' });
export type ConnectionRepository = z.infer<typeof ConnectionRepository>;

export const ConnectionHook = z
  .object({
    id: z.string(),
    repository: z.string(),
    url: z.string().describe('Where the host delivers to.'),
    isByHand: z.boolean().describe('Somebody has to make it at the host.'),
    previousSecretUntil: z.string().nullable().describe('So long, deliveries may be signed with the last secret.'),
    createdAt: z.string(),
    createdBy: z.string(),
    health: z
      .object({
        state: z
          .enum(['active', 'inactive', 'missing', 'unknown'])
          .describe('missing: the host has it no more. unknown: it was made by hand, or the host did not say.'),
        problem: z.string().nullable(),
        lastDeliveryAt: z.string().nullable(),
        lastDeliveryStatus: z.int().nullable(),
        lastDeliveryMessage: z.string().nullable(),
      })
      .describe('As the host has it.'),
  })
  .meta({ id: 'ConnectionHook' });
export type ConnectionHook = z.infer<typeof ConnectionHook>;

export const RegisterHook = z
  .strictObject({
    repository: z.string().min(1).max(300).describe('The full name of the repository at the host.'),
    byHand: z.boolean().default(false).describe('Do not ask the host; somebody makes it there.'),
  })
  .meta({ id: 'RegisterHook' });
export type RegisterHook = z.infer<typeof RegisterHook>;

/** `secret`: for who makes the hook by hand, in this answer and nowhere else. */
export const RegisteredHook = ConnectionHook.extend({ secret: z.string().nullable() }).meta({ id: 'RegisteredHook' });
export type RegisteredHook = z.infer<typeof RegisteredHook>;

/** What a runner clones an input from, with the connection's credentials: for the runner itself, and never for the job. */
export const JobClone = z
  .object({
    url: z.string(),
    user: z.string(),
    password: z.string(),
    commit: z.string(),
    branch: z.string().optional(),
  })
  .meta({ id: 'JobClone' });
export type JobClone = z.infer<typeof JobClone>;
