import { describe, expect, it } from 'vitest';
import { pools } from '#lib/features/runners/runners-view.ts';

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
    const found = pools([
      runner('m', 'mac', 'Idle'),
      runner('a', 'default', 'Offline', 1),
      runner('b', 'default', 'Busy', 1),
    ]);
    expect(found.map(({ name, busy, slots }) => [name, busy, slots])).toEqual([
      ['default', 1, 2],
      ['mac', 0, 2],
    ]);
  });
});
