import { describe, expect, it } from 'vitest';
import { pressKey } from '#lib/shell/shortcut-keys.ts';

describe('pressKey', () => {
  const shortcut = (keys: string, label = keys) => ({ keys, label, scope: '', run: () => undefined });
  const all = [
    shortcut('g h'),
    shortcut('h'),
    shortcut('F'),
    shortcut('Escape', 'outer'),
    shortcut('Escape', 'inner'),
  ];

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
