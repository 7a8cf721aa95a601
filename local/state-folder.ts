import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClearError } from './clear-error.ts';

const Format = 1;

/** Secrets of this installation, made on the first start. */
export interface Secrets {
  readonly format: number;
  readonly key: string;
  readonly s3: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Of the demo account; kept before the account is made, so that a crash in between does no harm. */
  readonly demoPassword: string;
}

/** Everything that the one-machine server keeps. Deleting it is starting over. */
export class StateFolder {
  readonly path: string;
  readonly secrets: Secrets;

  private constructor(path: string, secrets: Secrets) {
    this.path = path;
    this.secrets = secrets;
  }

  static open(path: string): StateFolder {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new ClearError(
        `The state folder ${path} cannot be used (${codeOf(error)}). Set MILLRACE_STATE_DIR to another one.`,
      );
    }
    if (!statSync(path).isDirectory()) {
      throw new ClearError(`${path} is not a folder. Set MILLRACE_STATE_DIR to one.`);
    }
    return new StateFolder(path, secretsIn(path));
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  folder(...names: readonly string[]): string {
    const path = this.file(...names);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  readJson(name: string): Readonly<Record<string, unknown>> | undefined {
    return readJson(this.file(name));
  }

  writeJson(name: string, value: object): void {
    writeJson(this.file(name), value);
  }
}

function secretsIn(path: string): Secrets {
  const file = join(path, 'secrets.json');
  const known = readJson(file) as Secrets | undefined;
  if (known !== undefined) {
    if (known.format === Format) return known;
    throw new ClearError(
      `${path} was made by another version of Millrace. Set MILLRACE_STATE_DIR to another folder.`,
    );
  }
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  const made: Secrets = {
    format: Format,
    key: random(48),
    s3: { accessKeyId: random(15), secretAccessKey: random(30) },
    demoPassword: random(12),
  };
  try {
    writeJson(file, made);
  } catch (error) {
    throw new ClearError(
      `The state folder ${path} cannot be written (${codeOf(error)}). Set MILLRACE_STATE_DIR to another one.`,
    );
  }
  return made;
}

/** Undefined: there is none yet. */
function readJson(file: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new ClearError(`${file} cannot be read (${codeOf(error)}).`);
  }
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw new ClearError(`${file} is damaged: it is not JSON. Restore it, or delete the state folder to start over.`);
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
