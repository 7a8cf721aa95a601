import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { branchOf, describeTree, filesOf, findProject } from '../../../cli/src/client/project.ts';
import { aFolder } from '../../support/cli/folder.ts';

const DEFINITION = 'name: shop\nstages: [{ name: Build, actions: [{ name: Make, commands: [make] }] }]\n';

async function plant(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await aFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

function git(folder: string, ...args: readonly string[]): void {
  const who = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
  execFileSync('git', [...who, ...args], { cwd: folder, stdio: 'ignore' });
}

describe('the project', () => {
  it('is the nearest folder upwards with a definition', async () => {
    const root = await plant({
      'millrace.yaml': DEFINITION,
      'a/millrace.yml': DEFINITION.replace('shop', 'inner'),
      'a/b/c': '',
    });
    expect(await findProject(join(root, 'a', 'b'), undefined)).toMatchObject({
      folder: join(root, 'a'),
      definition: { name: 'inner' },
    });
    expect((await findProject(root, undefined)).definition.name).toBe('shop');
  });

  it('is the fallback when there is none', async () => {
    const fallback = await plant({ 'millrace.yaml': DEFINITION });
    const empty = await aFolder();
    expect((await findProject(empty, fallback)).folder).toBe(fallback);
    await expect(findProject(empty, undefined)).rejects.toThrow(`There is no millrace.yaml in ${empty} or above it.`);
  });

  it('is refused with every problem of its definition', async () => {
    const root = await plant({
      'millrace.yaml': 'name: shop\nstages: [{ actions: [{ name: a, commands: [x], tpye: y }] }]\n',
    });
    const refusal = await findProject(root, undefined).catch((error: unknown) => (error as Error).message);
    expect(refusal).toContain('millrace.yaml is not a valid definition:\n');
    expect(refusal).toContain('  stages[0].name: is missing.');
    expect(refusal).toContain('"tpye" is not a member known here');
  });
});

describe('the working tree', () => {
  const files = {
    '.gitignore': '*.log\nbuild/\n',
    'app.js': '1',
    '.env.example': '2',
    'debug.log': '3',
    'build/out.js': '4',
    'src/deep/er.js': '5',
    'node_modules/left/pad.js': '6',
  };

  it('is what git tracks or would, as it is on disk now', async () => {
    const root = await plant(files);
    git(root, 'init');
    await writeFile(join(root, 'gone.js'), '');
    await symlink('app.js', join(root, 'link.js'));
    git(root, 'add', '.', ':!node_modules');
    await rm(join(root, 'gone.js'));
    await rm(join(root, 'node_modules'), { recursive: true });
    await writeFile(join(root, 'grüße new.js'), '');
    expect([...(await filesOf(root))].sort()).toEqual(
      ['.env.example', '.gitignore', 'app.js', 'grüße new.js', 'link.js', 'src/deep/er.js'].sort(),
    );
  });

  it('is without git what .gitignore leaves, and never what packages and tools put there', async () => {
    const root = await plant({ ...files, '.millrace/state': '7', 'sub/node_modules/x/y.js': '8' });
    await symlink('app.js', join(root, 'link.js'));
    expect([...(await filesOf(root))].sort()).toEqual(
      ['.env.example', '.gitignore', 'app.js', 'link.js', 'src/deep/er.js'].sort(),
    );
  });

  it('keeps links that lead nowhere yet, with git and without', async () => {
    const root = await plant({ 'app.js': '1' });
    await symlink('later.js', join(root, 'link.js'));
    expect([...(await filesOf(root))].sort()).toEqual(['app.js', 'link.js']);
    git(root, 'init');
    git(root, 'add', '.');
    expect([...(await filesOf(root))].sort()).toEqual(['app.js', 'link.js']);
  });

  it('is described by its last commit, and by whether it has changed since', async () => {
    const root = await plant({ 'app.js': '1' });
    expect(await describeTree(root)).toBe('working tree');
    git(root, 'init', '--initial-branch', 'main');
    expect(await describeTree(root)).toBe('working tree');
    git(root, 'add', '.');
    git(root, 'commit', '-m', 'Greet politely');
    expect(await describeTree(root)).toMatch(/^[0-9a-f]{7,} Greet politely$/);
    expect(await branchOf(root)).toBe('main');
    await writeFile(join(root, 'app.js'), '2');
    expect(await describeTree(root)).toMatch(/^[0-9a-f]{7,} Greet politely, with changes$/);
  });
});
