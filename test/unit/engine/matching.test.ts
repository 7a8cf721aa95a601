import { describe, expect, it } from 'vitest';
import { compileTriggers } from '../../../worker/definition/triggers.ts';
import { type MatchOrder, type MatchResult, matchSources } from '../../../worker/engine/matching.ts';
import { matchWebhook } from '../../../worker/engine/matching-webhook.ts';
import type { ChangedFiles, PullRequestEvent, PushEvent } from '../../../worker/engine/source-event.ts';
import type { TriggerPlan } from '../../../worker/engine/trigger-plan.ts';
import { definitionOf } from '../../support/definitions.ts';

function plan(triggers = '', configuration = 'BranchName: main', more = ''): TriggerPlan {
  return compileTriggers(
    definitionOf(`
name: p
${triggers === '' ? '' : `triggers:\n${triggers}`}
${more}
stages:
  - name: Source
    actions:
      - name: Code
        type: Source/Connection
        configuration: { Connection: hub, FullRepositoryId: Example-Org/Shop, ${configuration} }
        outputs: [code]
`),
  );
}

const repository = { name: 'example-org/shop', id: '42' };
const actor = { id: '7', name: 'ada' };

function push(branch: string, more: Partial<PushEvent> = {}): PushEvent {
  return {
    kind: 'push',
    repository,
    ref: { kind: 'branch', name: branch },
    before: 'a'.repeat(40),
    after: { id: 'b'.repeat(40), message: 'Sell more\n\nmuch more', url: 'https://host/c' },
    actor,
    ...more,
  };
}

const tag = (name: string): PushEvent => push('', { ref: { kind: 'tag', name } });

function pullRequest(more: Partial<PullRequestEvent> = {}): PullRequestEvent {
  return {
    kind: 'pullRequest',
    repository,
    event: 'OPEN',
    number: 5,
    title: 'Sell shoes',
    url: 'https://host/5',
    head: { branch: 'shoes', commit: { id: 'c'.repeat(40) }, repository },
    base: { branch: 'main' },
    isFork: false,
    isDraft: false,
    actor,
    ...more,
  };
}

const files = (...paths: string[]): ChangedFiles => ({ paths, isComplete: true });

function match(of: TriggerPlan, event: MatchOrder['event'], more: Partial<MatchOrder> = {}): MatchResult {
  return matchSources(of, { event, actions: ['Code'], host: 'github', ...more });
}

function reasons(result: MatchResult): readonly string[] {
  return result.kind === 'Filtered' ? result.reasons : [result.kind];
}

describe('a source without a trigger', () => {
  it('starts on a push to its branch, at exactly that commit', () => {
    expect(match(plan(), push('main'))).toEqual({
      kind: 'Start',
      pins: {
        Code: {
          type: 'COMMIT_ID',
          value: 'b'.repeat(40),
          summary: 'Sell more',
          url: 'https://host/c',
          branch: 'main',
        },
      },
      detail: 'push to main: Sell more',
      notes: [],
    });
  });

  it.each([
    ['another branch', push('dev'), 'The branch "dev" is not "main".'],
    ['a branch that holds its name', push('main2'), 'The branch "main2" is not "main".'],
    ['a tag', tag('main'), 'The push is of the tag "main"; only pushes to branches start it.'],
    ['a pull request', pullRequest(), 'Pull requests start nothing here; it has no such trigger.'],
  ] as const)('does not on %s', (_, event, reason) => {
    expect(reasons(match(plan(), event))).toEqual([reason]);
  });

  it('does not when it is told not to look for changes', () => {
    expect(reasons(match(plan('', 'BranchName: main, DetectChanges: "false"'), push('main')))).toEqual([
      'Pushes start nothing here; only its other triggers do.',
    ]);
  });

  it('asks for the default branch when it names none', () => {
    const any = plan('', 'OutputArtifactFormat: CODE_ZIP');
    expect(match(any, push('trunk'))).toEqual({ kind: 'Needs', what: ['defaultBranch'] });
    expect(match(any, push('trunk'), { defaultBranch: 'trunk' }).kind).toBe('Start');
    expect(reasons(match(any, push('dev'), { defaultBranch: 'trunk' }))).toEqual([
      'The branch "dev" is not "trunk".',
    ]);
    expect(match(any, push('dev'), { defaultBranch: null }).kind).toBe('Filtered');
  });
});

describe('filters of pushes', () => {
  const branches = plan(
    '  - { source: Code, push: [{ branches: { includes: [main, "release/**"], excludes: ["release/old-*"] } }] }',
  );

  it.each(['main', 'release/1', 'release/2/3'])('let the branch %s in', (name) => {
    expect(match(branches, push(name)).kind).toBe('Start');
  });

  it('say what a branch is not among, or what excludes it', () => {
    expect(reasons(match(branches, push('dev')))).toEqual(['The branch "dev" is not among main, release/**.']);
    expect(reasons(match(branches, push('release/old-1')))).toEqual([
      'The branch "release/old-1" is excluded by release/old-*.',
    ]);
    expect(reasons(match(branches, tag('main')))).toEqual([
      'The push is of the tag "main"; only pushes to branches start it.',
    ]);
  });

  it('take tags only where tags are named', () => {
    const tags = plan('  - { source: Code, push: [{ tags: { includes: ["v*"] } }] }');
    expect(match(tags, tag('v1'))).toMatchObject({
      kind: 'Start',
      pins: { Code: { tag: 'v1' } },
      detail: expect.stringContaining('tag v1'),
    });
    expect(reasons(match(tags, tag('x')))).toEqual(['The tag "x" is not among v*.']);
    expect(reasons(match(tags, push('v1')))).toEqual(['The push is to the branch "v1"; only tags start it.']);
  });

  it('are alternatives, and each says why not', () => {
    const either = plan(
      '  - { source: Code, push: [{ branches: { includes: [main] } }, { tags: { includes: ["v*"] } }] }',
    );
    expect(match(either, push('main')).kind).toBe('Start');
    expect(match(either, tag('v1')).kind).toBe('Start');
    expect(reasons(match(either, push('dev')))).toHaveLength(2);
  });

  it('start nothing for a branch or tag that is gone', () => {
    const gone: PushEvent = { ...push('main'), before: 'a' };
    const { after: _, ...deleted } = gone;
    expect(reasons(match(branches, deleted))).toEqual(['The branch "main" was deleted; there is nothing to run.']);
  });
});

describe('filters of files', () => {
  const docs = plan(
    '  - { source: Code, push: [{ branches: { includes: [main] }, filePaths: { excludes: ["docs/**"] } }] }',
  );
  const web = plan(
    '  - { source: Code, push: [{ filePaths: { includes: ["web/**"], excludes: ["web/test/**"] } }] }',
  );

  it('ask for the files only when nothing else speaks against it', () => {
    expect(match(docs, push('main'))).toEqual({ kind: 'Needs', what: ['files'] });
    expect(match(docs, push('dev')).kind).toBe('Filtered');
  });

  it('are content with one file that fits', () => {
    expect(match(docs, push('main', { files: files('docs/a.md', 'src/a.ts') })).kind).toBe('Start');
    expect(match(web, push('any', { files: files('web/a', 'web/test/b') })).kind).toBe('Start');
  });

  it('say that none does', () => {
    expect(reasons(match(docs, push('main', { files: files('docs/a.md') })))).toEqual([
      'The one changed file is not outside of docs/**.',
    ]);
    expect(reasons(match(web, push('x', { files: files('a', 'web/test/b') })))).toEqual([
      'None of 2 changed files is among web/** without web/test/**.',
    ]);
    expect(reasons(match(web, push('x', { files: files() })))).toEqual(['Nothing was changed in any file.']);
  });

  it('run rather than skip when the host has not told all of them, and say so', () => {
    const some = { paths: ['docs/a.md'], isComplete: false };
    expect(match(docs, push('main', { files: some }))).toMatchObject({
      kind: 'Start',
      notes: [expect.stringContaining('did not tell all changed files')],
    });
  });
});

describe('filters of pull requests', () => {
  const opened = plan(
    '  - { source: Code, pullRequest: [{ events: [OPEN, UPDATED], branches: { includes: [main] }, drafts: false }] }',
  );

  it('look at the branch that it wants to go into', () => {
    expect(match(opened, pullRequest())).toMatchObject({
      kind: 'Start',
      pins: {
        Code: {
          value: 'c'.repeat(40),
          branch: 'shoes',
          summary: 'Sell shoes',
          pullRequest: { number: 5, title: 'Sell shoes', base: 'main', url: 'https://host/5' },
        },
      },
      detail: 'pull request #5 opened: Sell shoes',
    });
    expect(reasons(match(opened, pullRequest({ base: { branch: 'dev' } })))).toEqual([
      'The target branch "dev" is not among main.',
    ]);
  });

  it('say what has not to do with them', () => {
    expect(reasons(match(opened, pullRequest({ event: 'MERGED' })))).toEqual([
      'Pull request 5 was merged, and only OPEN, UPDATED start it.',
    ]);
    expect(reasons(match(opened, pullRequest({ isDraft: true })))).toEqual(['Pull request 5 is a draft.']);
    expect(reasons(match(opened, push('main')))).toEqual(['Pushes start nothing here; only its other triggers do.']);
  });

  it('tell merged ones from closed ones, unless the pipeline came from CodePipeline', () => {
    const closed = '  - { source: Code, pullRequest: [{ events: [CLOSED] }] }';
    const ours = plan(closed);
    expect(match(ours, pullRequest({ event: 'CLOSED' })).kind).toBe('Start');
    expect(match(ours, pullRequest({ event: 'MERGED' })).kind).toBe('Filtered');
    const theirs = { ...ours, mergedIsClosed: true };
    expect(match(theirs, pullRequest({ event: 'CLOSED' })).kind).toBe('Start');
    expect(match(theirs, pullRequest({ event: 'MERGED' })).kind).toBe('Start');
    const at = { host: 'bitbucket' };
    expect(match(theirs, pullRequest({ event: 'MERGED' }), at).kind).toBe('Start');
    expect(reasons(match(theirs, pullRequest({ event: 'CLOSED' }), at))).toEqual([
      'Pull request 5 was closed unmerged; at Bitbucket only merging counts as CLOSED.',
    ]);
  });
});

describe('a pull request from a fork', () => {
  const fork = pullRequest({
    isFork: true,
    head: { branch: 'main', commit: { id: 'd' }, repository: { name: 'mallory/shop' } },
  });
  const trigger = '  - { source: Code, pullRequest: [{ branches: { includes: [main] } }] }';

  it('runs as what it is', () => {
    expect(match(plan(trigger), fork)).toMatchObject({
      kind: 'Start',
      pins: { Code: { isUntrusted: true, pullRequest: { headRepository: 'mallory/shop' } } },
    });
  });

  it('waits to be let in, and runs no freer then', () => {
    const asking = plan(trigger, undefined, 'forks: APPROVAL');
    expect(match(asking, fork)).toMatchObject({
      kind: 'NeedsApproval',
      reason: expect.stringContaining('mallory/shop'),
    });
    expect(match(asking, fork, { isApproved: true })).toMatchObject({ pins: { Code: { isUntrusted: true } } });
    expect(match(asking, pullRequest()).kind).toBe('Start');
  });

  it('is refused, approved or not', () => {
    const refusing = plan(trigger, undefined, 'forks: REFUSE');
    expect(reasons(match(refusing, fork, { isApproved: true }))[0]).toContain('forks: REFUSE');
    expect(match(refusing, pullRequest()).kind).toBe('Start');
  });
});

describe('several source actions', () => {
  const two = compileTriggers(
    definitionOf(`
name: p
stages:
  - name: Source
    actions:
      - { name: A, type: Source/Connection, configuration: { Connection: hub, FullRepositoryId: o/r, BranchName: main }, outputs: [a] }
      - { name: B, type: Source/Connection, configuration: { Connection: hub, FullRepositoryId: o/r, BranchName: dev }, outputs: [b] }
`),
  );
  const event = push('dev');

  it('are pinned where the change is theirs', () => {
    const result = matchSources(two, { event, actions: ['A', 'B'] });
    expect(result).toMatchObject({ kind: 'Start' });
    expect(result.kind === 'Start' && Object.keys(result.pins)).toEqual(['B']);
  });

  it('each say why not', () => {
    expect(reasons(matchSources(two, { event: push('x'), actions: ['A', 'B'] }))).toEqual([
      'A: The branch "x" is not "main".',
      'B: The branch "x" is not "dev".',
    ]);
  });

  it('count only where they watch what it is about', () => {
    expect(reasons(matchSources(two, { event, actions: ['C'] }))[0]).toContain('does not watch this source any more');
    expect(matchSources(two, { event, actions: ['A'] }).kind).toBe('Filtered');
  });
});

describe('a webhook', () => {
  const { webhooks } = plan(
    `  - webhook:
      hook: releases
      types: [release]
      where: [{ path: $.channel, equals: stable }]
      variables: { version: $.release.tag }`,
    undefined,
    'variables: [{ name: version }]',
  );
  const body: Record<string, string> = { '$.channel': 'stable', '$.release.tag': 'v7' };
  const read = (path: string): string | undefined => body[path];

  it('brings values for variables along', () => {
    expect(matchWebhook(webhooks, 'releases', { type: 'release' }, read)).toEqual({
      kind: 'Start',
      variables: { version: 'v7' },
    });
  });

  it.each([
    ['other', 'release', read, 'no trigger for the hook "other"'],
    ['releases', 'draft', read, 'The type "draft" is not among release.'],
    [
      'releases',
      'release',
      (path: string) => (path === '$.channel' ? 'beta' : read(path)),
      'there is "beta", not "stable"',
    ],
    [
      'releases',
      'release',
      (path: string) => (path === '$.channel' ? 'stable' : undefined),
      'nothing at $.release.tag',
    ],
  ] as const)('is told why it starts nothing (%#)', (hook, type, reading, reason) => {
    const result = matchWebhook(webhooks, hook, { type }, reading);
    expect(result.kind === 'Filtered' && result.reasons.join()).toContain(reason);
  });
});
