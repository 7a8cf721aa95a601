import { z } from 'zod';

/** AWS's own patterns (`PipelineDeclaration`, `StageDeclaration`, `ActionDeclaration`), so that every CodePipeline name fits. */
export const EntityName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9.@\-_]+$/, 'may hold letters, digits and . @ - _ only');

export const ArtifactName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/, 'may hold letters, digits, - and _ only');

export const VariableName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9@\-_]+$/, 'may hold letters, digits and @ - _ only');

/** `Category/Provider` of a type in the catalogue, or all four parts of a CodePipeline type. */
export const TypeName = z
  .string()
  .regex(
    /^[A-Za-z]+\/((AWS|ThirdParty|Custom)\/[0-9A-Za-z_-]{1,35}(@[0-9A-Za-z_-]{1,9})?|[0-9A-Za-z_-]{1,35})$/,
    'must be Category/Provider, like Source/Upload, or Category/Owner/Provider@Version, like Test/Custom/Scanner@1',
  );

export const EnvironmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'is not a name for an environment variable');

export const Region = z
  .string()
  .min(4)
  .max(30)
  .regex(/^[a-z0-9-]+$/, 'must be an AWS Region, like eu-central-1');

export const RoleArn = z
  .string()
  .max(1024)
  .regex(/^arn:aws(-\w+)*:iam::\d{12}:role\/.*$/, 'must be the ARN of an IAM role');

/** `sha256:` and 64 lower-case hexadecimal digits. */
export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hexadecimal digits');
export type Digest = z.infer<typeof Digest>;
