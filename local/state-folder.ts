import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ClearError } from './clear-error.ts';

const Format = 1;
const AnyFormat = z.object({ format: z.number() });

/** Secrets of this installation, made on the first start. */
const Secrets = z.object({
  format: z.literal(Format),
  key: z.string(),
  s3: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  /** Of the demo account; kept before the account is made, so that a crash in between does no harm. */
  demoPassword: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

/** Everything that the one-machine server keeps. Deleting it is starting over. */
export class StateFolder {
  readonly path: string;
  readonly secrets: Secrets;

  private constructor(path: string, secrets: Secrets) {
    this.path = path;
    this.secrets = secrets;
  }

  static open(path: string): StateFolder {
    makeFolder(path);
    return new StateFolder(path, secretsIn(path));
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  folder(...names: readonly string[]): string {
    const path = this.file(...names);
    makeFolder(path);
    return path;
  }

  /** Undefined: there is none yet. */
  readJson<T>(name: string, schema: z.ZodType<T>): T | undefined {
    return readJson(this.file(name), schema);
  }

  writeJson(name: string, value: object): void {
    writeJson(this.file(name), value);
  }
}

function secretsIn(path: string): Secrets {
  const file = join(path, 'secrets.json');
  const format = readJson(file, AnyFormat)?.format;
  if (format !== undefined && format !== Format) {
    throw new ClearError(
      `${path} was made by another version of Millrace. Set MILLRACE_STATE_DIR to another folder.`,
    );
  }
  const known = readJson(file, Secrets);
  if (known !== undefined) return known;
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  const made: Secrets = {
    format: Format,
    key: random(48),
    s3: { accessKeyId: random(15), secretAccessKey: random(30) },
    demoPassword: random(12),
  };
  writeJson(file, made);
  return made;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = codeOf(error);
    const why =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'there is a file in its place' : `it cannot be written: ${code}`;
    throw new ClearError(`The state folder cannot be ${path} (${why}). Set MILLRACE_STATE_DIR to another one.`);
  }
}

function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new ClearError(`${file} cannot be read (${codeOf(error)}).`);
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new ClearError(`${file} is damaged. Restore it, or delete the state folder to start over.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and for this user's eyes only. */
function writeJson(file: string, value: object): void {
  const draft = `${file}.draft`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
