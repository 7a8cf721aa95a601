import {
  CodeCommitClient,
  GetBlobCommand,
  GetBranchCommand,
  GetCommitCommand,
  GetFolderCommand,
} from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeCommit } from '../../../worker/aws/code-commit.ts';
import { AwsDouble } from '../../support/aws-double/aws-double.ts';
import { callsTo } from '../../support/aws-double/calls.ts';
import { plain, sdkConfig, seenOfJson } from '../../support/aws-double/sdk.ts';

/** Our requests to CodeCommit against those of its own SDK; and the double's answers, read by both. */

const COMMIT = 'c0ffee';
let double: AwsDouble;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-25T12:00:00Z'), toFake: ['Date'] });
  double = new AwsDouble();
  double.repositories.set('shop', {
    branches: { main: COMMIT },
    commits: { [COMMIT]: { message: 'Brew', files: { 'a.txt': ['A'] } } },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

async function treeOf(commit = COMMIT) {
  const all: Record<string, string> = {};
  for await (const { path, kind, mode, to, body } of codeCommit(callsTo(double)).tree('shop', commit)) {
    all[path] = kind === 'symlink' ? `-> ${to ?? ''}` : `${mode.toString(8)} ${await new Response(body).text()}`;
  }
  return all;
}

const stored = (files: Readonly<Record<string, readonly [string, ('EXECUTABLE' | 'SYMLINK')?]>>): void => {
  double.repositories.set('shop', { branches: {}, commits: { [COMMIT]: { message: '', files } } });
};

it('asks as the SDK does, and learns the same', async () => {
  const ours = codeCommit(callsTo(double));
  const tip = await ours.head('shop', 'main');
  const commit = await ours.commit('shop', tip);
  const tree = await treeOf();
  const asked = double.asked.splice(0);
  const sdk = plain(new CodeCommitClient(sdkConfig(double)));
  const repositoryName = 'shop';
  const branch = await sdk.send(new GetBranchCommand({ repositoryName, branchName: 'main' }));
  const commitId = branch.branch?.commitId ?? '';
  const theirs = await sdk.send(new GetCommitCommand({ repositoryName, commitId }));
  const folder = await sdk.send(new GetFolderCommand({ repositoryName, commitSpecifier: commitId, folderPath: '/' }));
  const [file] = folder.files ?? [];
  const blob = await sdk.send(new GetBlobCommand({ repositoryName, blobId: file?.blobId ?? '' }));
  expect(await Promise.all(asked.map(seenOfJson))).toEqual(await Promise.all(double.asked.map(seenOfJson)));
  expect(tip).toBe(commitId);
  expect(commit).toEqual({
    message: theirs.commit?.message,
    authoredAt: 1_764_072_000_000,
    committedAt: 1_764_072_000_000,
  });
  expect(theirs.commit?.author?.date).toBe('1764072000 +0100');
  expect(tree).toEqual({ [file?.absolutePath ?? '']: `644 ${new TextDecoder().decode(blob.content)}` });
});

describe('a tree', () => {
  it('holds the files of all folders, links and what can be executed, by path', async () => {
    stored({
      'src/deep/b.ts': ['b'],
      'run.sh': ['echo hi', 'EXECUTABLE'],
      'src/a.ts': [''],
      link: ['run.sh', 'SYMLINK'],
    });
    const tree = await treeOf();
    expect(tree).toEqual({
      link: '-> run.sh',
      'run.sh': '755 echo hi',
      'src/a.ts': '644 ',
      'src/deep/b.ts': '644 b',
    });
    expect(Object.keys(tree)).toEqual(Object.keys(tree).sort());
  });

  it('asks for three blobs at a time and for each of them once', async () => {
    stored(Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`f${index}`, [String(index)] as const])));
    let waiting: (() => void)[] = [];
    let most = 0;
    const { answer } = double;
    // None is answered before the third one has come.
    const together = (): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        most = Math.max(most, waiting.length);
        if (waiting.length < 3) return;
        for (const release of waiting) release();
        waiting = [];
      });
    Object.assign(double, {
      answer: async (request: Request) => {
        if (request.headers.get('x-amz-target')?.endsWith('.GetBlob') === true) await together();
        return answer(request);
      },
    });
    expect(Object.keys(await treeOf())).toHaveLength(21);
    expect(double.asked).toHaveLength(22);
    expect(most).toBe(3);
  });

  it('of too many files is refused before any of them is read', async () => {
    stored(Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`f${index}`, ['']])));
    await expect(treeOf()).rejects.toMatchObject({
      code: 'RevisionUnavailable',
      message: expect.stringMatching(/more than 5000 files.*Source\/Git/) as string,
    });
    expect(double.asked).toHaveLength(1);
  });
});

it.each([
  ['a branch', () => codeCommit(callsTo(double)).head('shop', 'gone'), 'RevisionUnavailable', /BranchDoesNotExist/],
  ['a commit', () => codeCommit(callsTo(double)).commit('shop', 'dead'), 'RevisionUnavailable', /CommitIdDoesNotEx/],
  ['a tree', () => treeOf('dead'), 'RevisionUnavailable', /CommitDoesNotExist/],
  ['a repository', () => codeCommit(callsTo(double)).head('nobodys', 'main'), 'ConfigurationError', /RepositoryDoes/],
])('says that %s is not there', async (_, call, code, message) => {
  await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
});
