import { describe, expect, it } from 'vitest';
import { withQuery } from '#lib/api/client.ts';
import { safeWebLink } from '#lib/features/executions/approval-view.ts';
import { parseSelection, selectionSearch } from '#lib/features/executions/selection.ts';
import { actionStanding, executionStanding } from '#lib/features/executions/standing.ts';
import { changedVariables, variableFields } from '#lib/features/pipelines/run-form.ts';
import { yamlTokens } from '#lib/features/pipelines/yaml-tokens.ts';
import { pools } from '#lib/features/runners/runners-view.ts';
import { safeReturnPath, signInPath } from '#lib/features/session/return-path.ts';
import { pressKey } from '#lib/shell/shortcut-keys.ts';
import { formatBytes } from '#lib/ui/data-size.ts';
import { formatDuration, formatExactDuration, formatRelative } from '#lib/ui/time.ts';

describe('durations', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [61_000, '1 m 01 s'],
    [3_600_000, '1 h 00 m'],
    [90_000_000, '1 d 01 h'],
  ])('%i ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('have tenths only when they are short and over', () => {
    expect(formatExactDuration(1_540)).toBe('1.5 s');
    expect(formatExactDuration(15_400)).toBe('15 s');
  });
});

describe('relative times', () => {
  it.each([
    [-1_000, 'just now'],
    [-30_000, '30 s ago'],
    [-150_000, '2 min ago'],
    [-7_200_000, '2 h ago'],
    [-172_800_000, '2 d ago'],
    [500, 'in 1 s'],
    [12_000, 'in 12 s'],
    [90_000, 'in 2 min'],
    [7 * 86_400_000, 'in 7 d'],
  ])('%i ms from now are "%s"', (offset, text) => {
    const now = Date.UTC(2026, 0, 1);
    expect(formatRelative(now + offset, now)).toBe(text);
  });
});

describe('sizes', () => {
  it('have the unit that keeps them short', () => {
    expect([0, 999, 1_500, 4_812_331, 250_000_000].map(formatBytes)).toEqual(['0 B', '999 B', '1.5 kB', '4.8 MB', '250 MB']);
  });
});

describe('safeReturnPath', () => {
  it('keeps a path with its query and hash', () => {
    expect(safeReturnPath('/executions/e?action=a/b#L3')).toBe('/executions/e?action=a/b#L3');
  });

  it.each([null, '', 'https://evil.example', '//evil.example', '/\\evil.example', '/sign-in', 'javascript:alert(1)'])(
    'goes home instead of to %j',
    (path) => {
      expect(safeReturnPath(path)).toBe('/');
    },
  );

  it('survives the way through the sign-in page', () => {
    const path = signInPath({ pathname: '/runners', search: '?a=b', hash: '#c' });
    const query = new URL(path, 'https://millrace.example').searchParams;
    expect(safeReturnPath(query.get('return'))).toBe('/runners?a=b#c');
  });
});

describe('safeWebLink', () => {
  it('follows the web', () => {
    expect(safeWebLink('https://example.com/a')).toBe('https://example.com/a');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'ftp://example.com', 'not a link', undefined])(
    'does not follow %j',
    (link) => {
      expect(safeWebLink(link)).toBeUndefined();
    },
  );
});

describe('selection', () => {
  it('is read from the address', () => {
    expect(parseSelection('?view=timeline&action=Build/Unit&attempt=2')).toMatchObject({
      view: 'timeline',
      action: { stage: 'Build', action: 'Unit' },
      attempt: 2,
    });
  });

  it('tells nothing on purpose from nothing said', () => {
    expect(parseSelection('?action=none').action).toBeNull();
    expect(parseSelection('').action).toBeUndefined();
  });

  it('ignores nonsense', () => {
    expect(parseSelection('?view=x&attempt=-1')).toMatchObject({ view: 'graph', attempt: undefined });
  });

  it('is written back without what goes without saying', () => {
    expect(selectionSearch('?view=timeline&attempt=2', { view: 'graph', attempt: undefined })).toBe('?');
    expect(selectionSearch('', { action: { stage: 'A', action: 'B' } })).toBe('?action=A/B');
  });
});

describe('standings', () => {
  it('show that an execution waits for a person', () => {
    expect(executionStanding({ status: 'InProgress', attention: 'Hold' }).word).toBe('Held');
    expect(executionStanding({ status: 'Succeeded', attention: 'Hold' }).word).toBe('Succeeded');
  });

  it('show what an action does rather than that it is in progress', () => {
    expect(actionStanding({ status: 'InProgress', activity: 'Queued' }).word).toBe('Queued');
    expect(actionStanding({ status: null, activity: null }).word).toBe('Not reached');
  });
});

describe('run form', () => {
  const fields = variableFields({ variables: [{ name: 'target', default: 'staging' }, { name: 'ticket' }] });

  it('marks variables without a default as required', () => {
    expect(fields.map(({ isRequired }) => isRequired)).toEqual([false, true]);
  });

  it('sends what differs from the default and what has none', () => {
    expect(changedVariables(fields, { target: 'staging', ticket: '7' })).toEqual({ ticket: '7' });
    expect(changedVariables(fields, { target: '', ticket: '7' })).toEqual({ target: '', ticket: '7' });
  });
});

describe('yamlTokens', () => {
  const kinds = (line: string) => yamlTokens(line).filter(({ text }) => text.trim() !== '').map(({ kind, text }) => [kind, text]);

  it.each(['  - { name: a, default: "x # y" } # note', 'a: #{variables.who}', "'it''s': |", 'key:value', '#{a}#b', '"open'])(
    'lose nothing of %j',
    (line) => {
      expect(yamlTokens(line).map(({ text }) => text).join('')).toBe(line);
    },
  );

  it('tell a reference from a comment', () => {
    expect(kinds('who: #{variables.who} # really')).toEqual([
      ['key', 'who'],
      ['punctuation', ':'],
      ['reference', '#{variables.who}'],
      ['comment', '# really'],
    ]);
  });
});

describe('pools', () => {
  const runner = (name: string, pool: string, status: 'Idle' | 'Busy' | 'Offline', busy = 0) => ({
    id: name,
    name,
    pool,
    status,
    labels: [],
    slots: 2,
    busy,
    version: '',
    os: '',
    arch: '',
    connectedAt: null,
    lastSeenAt: null,
  });

  it('begin with the default one and count only runners that are there', () => {
    const found = pools([runner('m', 'mac', 'Idle'), runner('a', 'default', 'Offline', 1), runner('b', 'default', 'Busy', 1)]);
    expect(found.map(({ name, busy, slots }) => [name, busy, slots])).toEqual([
      ['default', 1, 2],
      ['mac', 0, 2],
    ]);
  });
});

describe('pressKey', () => {
  const shortcut = (keys: string, label = keys) => ({ keys, label, scope: '', run: () => undefined });
  const all = [shortcut('g h'), shortcut('h'), shortcut('F'), shortcut('Escape', 'outer'), shortcut('Escape', 'inner')];

  it('waits for the rest of a sequence', () => {
    expect(pressKey(all, '', 'g')).toEqual({ type: 'pending', typed: 'g' });
    expect(pressKey(all, 'g', 'h')).toMatchObject({ type: 'run', shortcut: { keys: 'g h' } });
  });

  it('forgets a sequence that leads nowhere and takes the key by itself', () => {
    expect(pressKey(all, 'g', 'F')).toMatchObject({ type: 'run', shortcut: { keys: 'F' } });
    expect(pressKey(all, 'g', 'x')).toEqual({ type: 'none' });
  });

  it('lets the newest have the key', () => {
    expect(pressKey(all, '', 'Escape')).toMatchObject({ shortcut: { label: 'inner' } });
  });
});

describe('withQuery', () => {
  it('adds to a query that is there and leaves out what is not given', () => {
    expect(withQuery('/a?b=1', { c: 2, d: undefined, e: null })).toBe('/a?b=1&c=2');
    expect(withQuery('/a', {})).toBe('/a');
  });
});
