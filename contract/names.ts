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

/** `sha256:` and 64 lower-case hexadecimal digits. */
export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hexadecimal digits');
export type Digest = z.infer<typeof Digest>;
