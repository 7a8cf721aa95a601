import { describe, expect, it } from 'vitest';
import { withQuery } from '#lib/api/client.ts';
import { safeWebLink } from '#lib/features/executions/approval-view.ts';
import { safeReturnPath, signInPath } from '#lib/features/session/return-path.ts';

describe('safeReturnPath', () => {
  it('keeps a path with its query and hash', () => {
    expect(safeReturnPath('/executions/e?action=a/b#L3')).toBe('/executions/e?action=a/b#L3');
  });

  it.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '//evil.example/steal',
    '/\\evil.example',
    '/sign-in',
    'javascript:alert(1)',
  ])('goes home instead of to %j', (path) => {
    expect(safeReturnPath(path)).toBe('/');
  });

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

describe('withQuery', () => {
  it('adds to a query that is there and leaves out what is not given', () => {
    expect(withQuery('/a?b=1', { c: 2, d: undefined, e: null })).toBe('/a?b=1&c=2');
    expect(withQuery('/a', {})).toBe('/a');
  });
});
