import { describe, expect, it } from 'vitest';
import { rowWindow, unwrappedRows, WrappedRows } from '#lib/features/logs/row-window.ts';

const viewport = { heightPx: 400, rowHeightPx: 20, overscan: 5 };

describe('rowWindow', () => {
  it('draws what is in view and a little more', () => {
    const window = rowWindow(unwrappedRows(100_000), { ...viewport, scrollTop: 20_000 });
    expect(window).toEqual({ first: 995, end: 1_026, offsetPx: 19_900 });
  });

  it('begins at the first line', () => {
    expect(rowWindow(unwrappedRows(100), { ...viewport, scrollTop: 0 })).toMatchObject({ first: 0, offsetPx: 0 });
  });

  it('ends at the last line, however far the browser overshoots', () => {
    const window = rowWindow(unwrappedRows(100), { ...viewport, scrollTop: 1_000_000 });
    expect(window.end).toBe(100);
    expect(window.first).toBeLessThan(100);
  });

  it('draws nothing of nothing', () => {
    expect(rowWindow(unwrappedRows(0), { ...viewport, scrollTop: 0 })).toEqual({ first: 0, end: 0, offsetPx: 0 });
  });
});

describe('WrappedRows', () => {
  const lengths = [5, 25, 0, 10, 31];
  const wrapped = (count = lengths.length) => {
    const rows = new WrappedRows(10);
    rows.extend(count, (line) => lengths[line] ?? 0);
    return rows;
  };

  it('counts as many rows as a line needs, and one for an empty line', () => {
    expect(lengths.map((_, line) => wrapped().rowOfLine(line))).toEqual([0, 1, 4, 5, 6]);
    expect(wrapped().rowCount).toBe(10);
  });

  it('finds the line that any row belongs to', () => {
    expect(Array.from({ length: 10 }, (_, row) => wrapped().lineAtRow(row))).toEqual([0, 1, 1, 1, 2, 3, 4, 4, 4, 4]);
  });

  it('grows to the same result as counting at once', () => {
    const growing = wrapped(2);
    growing.extend(5, (line) => lengths[line] ?? 0);
    expect(growing.rowCount).toBe(wrapped().rowCount);
  });

  it('counts the last line again, because it may have grown', () => {
    const rows = new WrappedRows(10);
    rows.extend(1, () => 5);
    rows.extend(1, () => 15);
    expect(rows.rowCount).toBe(2);
  });

  it('holds a hundred thousand lines', () => {
    const rows = new WrappedRows(10);
    rows.extend(100_000, () => 15);
    expect(rows.rowCount).toBe(200_000);
    expect(rows.lineAtRow(199_999)).toBe(99_999);
  });
});
