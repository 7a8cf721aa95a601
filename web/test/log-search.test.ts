import { describe, expect, it } from 'vitest';
import { LogSearch, stepHit, type SearchableLines } from '#lib/features/logs/log-search.ts';

function lines(...texts: string[]): SearchableLines & { texts: string[] } {
  return {
    texts,
    get count() {
      return texts.length;
    },
    text: (index) => texts[index] ?? '',
  };
}

describe('LogSearch', () => {
  it('finds every occurrence, upper or lower case', () => {
    const search = new LogSearch('error');
    search.advance(lines('Error: no error', 'fine', 'ERROR'), 100, true);
    expect(search.hits).toEqual([
      { line: 0, start: 0 },
      { line: 0, start: 10 },
      { line: 2, start: 0 },
    ]);
  });

  it('takes the query literally', () => {
    const search = new LogSearch('a.b(');
    search.advance(lines('axb(', 'a.b('), 100, true);
    expect(search.hits).toEqual([{ line: 1, start: 0 }]);
  });

  it('does a part at a time and says that there is more', () => {
    const search = new LogSearch('x');
    const log = lines('x', 'x', 'x');
    expect(search.advance(log, 2, true)).toBe(true);
    expect(search.hits).toHaveLength(2);
    expect(search.advance(log, 2, true)).toBe(false);
    expect(search.hits).toHaveLength(3);
  });

  it('leaves the open last line until it is finished', () => {
    const search = new LogSearch('x');
    const log = lines('x', 'x');
    search.advance(log, 100, false);
    expect(search.hits).toHaveLength(1);
    log.texts[1] = 'xx';
    log.texts.push('');
    search.advance(log, 100, false);
    expect(search.hits).toHaveLength(3);
  });

  it('finds nothing for an empty query', () => {
    const search = new LogSearch('');
    expect(search.advance(lines('a'), 100, true)).toBe(false);
    expect(search.hits).toEqual([]);
  });

  it('marks the hit that the reader is at', () => {
    const search = new LogSearch('a');
    expect(search.matches('a-a', 4, { line: 4, start: 2 }).map(({ isCurrent }) => isCurrent)).toEqual([false, true]);
  });
});

describe('stepHit', () => {
  const hits = [3, 10, 50].map((line) => ({ line, start: 0 }));

  it('begins at the first hit below the top of the view', () => {
    expect(stepHit(hits, { from: undefined, by: 1, lineInView: 5 })).toBe(1);
  });

  it('begins backwards above it', () => {
    expect(stepHit(hits, { from: undefined, by: -1, lineInView: 20 })).toBe(1);
  });

  it('goes round at both ends', () => {
    expect(stepHit(hits, { from: 2, by: 1, lineInView: 0 })).toBe(0);
    expect(stepHit(hits, { from: 0, by: -1, lineInView: 0 })).toBe(2);
  });

  it('has nowhere to go without hits', () => {
    expect(stepHit([], { from: undefined, by: 1, lineInView: 0 })).toBeUndefined();
  });
});
