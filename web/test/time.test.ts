import { describe, expect, it } from 'vitest';
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
