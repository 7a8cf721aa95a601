import fc from 'fast-check';
import { chmod, link, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Archive, digestOf, matching, pack, unpack } from '../../../cli/src/runner/archive.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aTarball, type Entry } from '../../support/cli/tarball.ts';

type Tree = Readonly<Record<string, string | { readonly text: string; readonly mode: number }>>;

async function plant(tree: Tree, folder?: string): Promise<string> {
  const root = folder ?? (await aFolder());
  for (const [name, file] of Object.entries(tree)) {
    const { text, mode } = typeof file === 'string' ? { text: file, mode: 0o644 } : file;
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
    await chmod(join(root, name), mode);
  }
  return root;
}

async function packAll(folder: string): Promise<Archive & { readonly file: string }> {
  const file = join(await aFolder(), 'archive.tar.gz');
  return { file, ...(await pack(folder, await matching(folder, []), file)) };
}

async function unpacked(file: string): Promise<string> {
  const folder = join(await aFolder(), 'unpacked');
  await unpack(file, folder);
  return folder;
}

/** Every file with its contents, every link with where it leads. */
async function treeOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1);
      return [name, entry.isSymbolicLink() ? `-> ${await readlink(path)}` : await readFile(path, 'utf8')] as const;
    });
  return Object.fromEntries(await Promise.all(found));
}

describe('an archive', () => {
  const tree: Tree = { 'b.txt': 'b', 'a/deep/er.txt': 'deeper', 'a/run.sh': { text: '#!/bin/sh\n', mode: 0o755 } };

  it('has the digest and the size that it says', async () => {
    const { file, digest, sizeBytes } = await packAll(await plant(tree));
    expect(digest).toBe(await digestOf(file));
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(sizeBytes).toBe((await stat(file)).size);
  });

  it('of the same tree is the same, whenever, wherever and in whatever order it was made', async () => {
    const one = await plant(tree);
    const other = await plant(Object.fromEntries(Object.entries(tree).reverse()));
    for (const name of Object.keys(tree)) await utimes(join(other, name), 1, 1_000_000_000);
    const packed = await packAll(one);
    expect((await packAll(other)).digest).toBe(packed.digest);
    const file = join(await aFolder(), 'reversed.tar.gz');
    const reversed = await pack(other, [...(await matching(other, []))].sort().reverse(), file);
    expect(reversed).toEqual({ digest: packed.digest, sizeBytes: packed.sizeBytes });
    expect(await readFile(file)).toEqual(await readFile(packed.file));
  });

  it('is the same whatever the umask was, and whether files are linked or copied', async () => {
    const copied = await plant({ 'a.txt': 'same', 'b.txt': 'same', 'c.txt': { text: 'c', mode: 0o664 } });
    const linked = await plant({ 'a.txt': 'same', 'c.txt': 'c' });
    await link(join(linked, 'a.txt'), join(linked, 'b.txt'));
    expect((await packAll(linked)).digest).toBe((await packAll(copied)).digest);
  });

  it.each<[string, Tree]>([
    ['a name', { ...tree, 'b2.txt': 'b' }],
    ['contents', { ...tree, 'b.txt': 'B' }],
    ['an executable bit', { ...tree, 'b.txt': { text: 'b', mode: 0o755 } }],
  ])('is another one when %s changes', async (_, changed) => {
    expect((await packAll(await plant(changed))).digest).not.toBe((await packAll(await plant(tree))).digest);
  });

  it('gives back the tree, executable bits included', async () => {
    const folder = await plant(tree);
    const back = await unpacked((await packAll(folder)).file);
    expect(await treeOf(back)).toEqual(await treeOf(folder));
    expect((await stat(join(back, 'a/run.sh'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(back, 'b.txt'))).mode & 0o777).toBe(0o644);
  });

  it('gives back names of every kind', async () => {
    const names = [
      '@scope/package/index.js',
      '@top',
      '-dash',
      '.hidden',
      'sp ace',
      'grüße/🚀',
      'a*b',
      '[id]',
      '(group)/x',
      '!not',
      `quote's"`,
    ];
    const long = `${'long/'.repeat(40)}${'name'.repeat(30)}`;
    const folder = await plant(Object.fromEntries([...names, long].map((name) => [name, name])));
    const back = await unpacked((await packAll(folder)).file);
    expect(await treeOf(back)).toEqual(await treeOf(folder));
  });

  it('keeps links as links, those that lead nowhere or to folders included', async () => {
    const folder = await plant({ 'target/file': 'text' });
    await symlink('target/file', join(folder, 'to-file'));
    await symlink('target', join(folder, 'to-folder'));
    await symlink('missing', join(folder, 'to-nothing'));
    await symlink('../to-file', join(folder, 'target/up'));
    const back = await unpacked((await packAll(folder)).file);
    expect(await treeOf(back)).toEqual({
      'target/file': 'text',
      'target/up': '-> ../to-file',
      'to-file': '-> target/file',
      'to-folder': '-> target',
      'to-nothing': '-> missing',
    });
  });

  it.each([
    ['an absolute path', '/etc/hostname'],
    ['a path above', '../outside'],
  ])('is not made of a tree with a link that leaves it: %s', async (_, target) => {
    const folder = await plant({ 'a/file': 'text' });
    await symlink(target.replace('../', '../../../'), join(folder, 'a/out'));
    await expect(packAll(folder)).rejects.toThrow(/^a\/out is a link that leads out of it, to /);
  });

  it('gives back any tree', async () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9 @._-]{1,12}$/).filter((text) => !/^\.{1,2}$/.test(text));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const file = fc.record({ text: fc.string({ maxLength: 2_000 }), mode: fc.constantFrom(0o644, 0o755, 0o600) });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(path, file, { minKeys: 1, maxKeys: 12 }), async (files) => {
        const names = Object.keys(files);
        // No file can be where another one's folder is.
        fc.pre(!names.some((one) => names.some((other) => other.startsWith(`${one}/`))));
        const folder = await plant(files);
        const packed = await packAll(folder);
        const back = await unpacked(packed.file);
        expect(await treeOf(back)).toEqual(await treeOf(folder));
        for (const one of names) expect((await stat(join(back, one))).mode & 0o777).toBe(files[one]?.mode);
        expect((await packAll(back)).digest).toBe(packed.digest);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the files that an artifact is made of', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['all without globs, hidden ones too', [], ['.env', 'dist/a.js', 'dist/sub/b.js', 'readme.md']],
    ['those of a folder', ['dist'], ['dist/a.js', 'dist/sub/b.js']],
    ['those that match', ['**/*.js', 'readme.*'], ['dist/a.js', 'dist/sub/b.js', 'readme.md']],
    ['those that are not excluded', ['dist/**', '!dist/sub/**'], ['dist/a.js']],
    ['none', ['*.exe'], []],
  ])('are %s', async (_, globs, expected) => {
    const folder = await plant({ '.env': '', 'dist/a.js': '', 'dist/sub/b.js': '', 'readme.md': '' });
    expect([...(await matching(folder, globs))].sort()).toEqual(expected);
  });

  it('are not looked for behind links', async () => {
    const outside = await plant({ secret: 'text' });
    const folder = await plant({ file: 'text' });
    await symlink(outside, join(folder, 'out'));
    expect([...(await matching(folder, []))].sort()).toEqual(['file', 'out']);
    expect(await matching(folder, ['out/**'])).toEqual(['out']);
  });

  it('are never outside of the workspace', async () => {
    const root = await plant({ 'job.json': 'token', 'workspace/file': 'text' });
    expect(await matching(join(root, 'workspace'), ['../*', '../**', '**'])).toEqual(['file']);
  });
});

describe('unpacking', () => {
  const outside = (folder: string): string => join(folder, 'outside');

  async function refusal(entries: (folder: string) => readonly Entry[]): Promise<string> {
    const folder = await aFolder();
    const file = await aTarball(join(folder, 'evil.tar.gz'), entries(folder));
    const before = await readdir(folder);
    const message = await unpack(file, join(folder, 'target')).then(
      () => 'not refused',
      (error: unknown) => (error as Error).message,
    );
    expect((await readdir(folder)).filter((name) => name !== 'target')).toEqual(before);
    return message;
  }

  it('takes an archive of this kind when it is well-meant', async () => {
    const file = await aTarball(join(await aFolder(), 'good.tar.gz'), [
      { path: 'a/', type: 'Directory' },
      { path: 'a/file', text: 'text' },
      { path: 'a/link', type: 'SymbolicLink', linkpath: '../a/file' },
      { path: 'hard', type: 'Link', linkpath: 'a/file' },
    ]);
    expect(await treeOf(await unpacked(file))).toEqual({ 'a/file': 'text', 'a/link': '-> ../a/file', hard: 'text' });
  });

  it.each<[string, (folder: string) => readonly Entry[]]>([
    ['an absolute path', (folder) => [{ path: outside(folder), text: 'x' }]],
    ['a path upwards', () => [{ path: '../outside', text: 'x' }]],
    ['a path upwards in the middle', () => [{ path: 'a/../../outside', text: 'x' }]],
    ['an absolute link', (folder) => [{ path: 'out', type: 'SymbolicLink', linkpath: folder }]],
    ['a link upwards', () => [{ path: 'out', type: 'SymbolicLink', linkpath: '..' }]],
    ['a link upwards from below', () => [{ path: 'a/out', type: 'SymbolicLink', linkpath: '../../../outside' }]],
    [
      'a file through a link',
      (folder) => [
        { path: 'out', type: 'SymbolicLink', linkpath: folder },
        { path: 'out/outside', text: 'x' },
      ],
    ],
    [
      'a file through links that are harmless one by one',
      () => [
        { path: 'a/b/c/', type: 'Directory' },
        { path: 'one', type: 'SymbolicLink', linkpath: 'a/b/c' },
        { path: 'one/two', type: 'SymbolicLink', linkpath: '../..' },
        { path: 'one/two/outside', text: 'x' },
      ],
    ],
    [
      'a hard link to a file outside',
      () => [{ path: 'passwd', type: 'Link', linkpath: '../../../../../../etc/passwd' }],
    ],
    ['an absolute hard link', () => [{ path: 'passwd', type: 'Link', linkpath: '/etc/passwd' }]],
    ['a device', () => [{ path: 'null', type: 'CharacterDevice' }]],
    ['a pipe', () => [{ path: 'pipe', type: 'FIFO' }]],
  ])('refuses %s', async (_, entries) => {
    expect(await refusal(entries)).not.toBe('not refused');
  });

  it('refuses an archive that is cut off', async () => {
    const { file } = await packAll(await plant({ file: 'text'.repeat(10_000) }));
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.byteLength - 20));
    await expect(unpacked(file)).rejects.toThrow();
  });

  it('refuses what is no archive', async () => {
    const file = join(await aFolder(), 'page.html');
    await writeFile(file, '<html>no such page</html>');
    await expect(unpacked(file)).rejects.toThrow();
  });

  it('does not follow what lay there before', async () => {
    const root = await plant({ 'elsewhere/file': 'safe' });
    const target = join(root, 'target');
    await mkdir(target);
    await symlink('../elsewhere', join(target, 'dir'));
    const file = await aTarball(join(root, 'a.tar.gz'), [{ path: 'dir/file', text: 'overwritten' }]);
    await unpack(file, target).catch(() => undefined);
    expect(await readFile(join(root, 'elsewhere/file'), 'utf8')).toBe('safe');
  });
});
