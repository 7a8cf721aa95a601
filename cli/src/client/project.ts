import { execFile } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import ignore from 'ignore';
import { glob } from 'tinyglobby';
import type { PipelineDefinition } from '../../../contract/pipeline-definition.ts';
import { parseDefinitionText } from '../../../worker/definition/parse.ts';
import { allFiles } from '../runner/archive.ts';

const NAMES = ['millrace.yaml', 'millrace.yml'];
const NEVER = ['**/node_modules/**', '**/.git/**', '**/.millrace/**'];
const exec = promisify(execFile);

export interface Project {
  readonly folder: string;
  readonly file: string;
  readonly text: string;
  readonly definition: PipelineDefinition;
}

/** The nearest folder from `start` upwards that holds a definition, else `fallback`. */
export async function findProject(start: string, fallback: string | undefined): Promise<Project> {
  for (let folder = start; ; folder = dirname(folder)) {
    const name = NAMES.find((candidate) => existsSync(join(folder, candidate)));
    if (name !== undefined) return readProject(folder, name);
    if (folder === dirname(folder)) break;
  }
  if (fallback !== undefined) return findProject(fallback, undefined);
  throw new Error(`There is no ${NAMES[0] ?? ''} in ${start} or above it.`);
}

async function readProject(folder: string, name: string): Promise<Project> {
  const file = join(folder, name);
  const text = await readFile(file, 'utf8');
  const parsed = parseDefinitionText(text);
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
    throw new Error(`${relative(process.cwd(), file)} is not a valid definition:\n${problems}`);
  }
  return { folder, file: relative(process.cwd(), file) || name, text, definition: parsed.definition };
}

/** The working tree: what git tracks or would, else everything that .gitignore does not name. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const tracked = await git(folder, ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  const files = tracked === undefined ? await unignored(folder) : tracked.split('\0').filter((file) => file !== '');
  return files.filter((file) => isThere(join(folder, file)));
}

/** A link is there even if what it leads to is not. */
function isThere(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch {
    return false;
  }
}

async function unignored(folder: string): Promise<readonly string[]> {
  const rules = ignore().add(await readFile(join(folder, '.gitignore'), 'utf8').catch(() => ''));
  const files = await glob(['**'], { ...allFiles, cwd: folder, ignore: NEVER });
  return files.filter((file) => !rules.ignores(file));
}

/** Like "a1b2c3d Greet politely, with changes". */
export async function describeTree(folder: string): Promise<string> {
  const head = await git(folder, ['log', '-1', '--format=%h %s', '--', '.']);
  if (head === undefined || head.trim() === '') return 'working tree';
  const changes = await git(folder, ['status', '--porcelain', '--', '.']);
  return changes === undefined || changes === '' ? head.trim() : `${head.trim()}, with changes`;
}

/** Undefined: not in a checkout, or on no branch. */
export async function branchOf(folder: string): Promise<string | undefined> {
  const branch = (await git(folder, ['symbolic-ref', '--short', '--quiet', 'HEAD']))?.trim();
  return branch === '' ? undefined : branch;
}

/** Undefined: not in a checkout, or there is no git. */
async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await exec('git', [...args], { cwd: folder, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch {
    return undefined;
  }
}
