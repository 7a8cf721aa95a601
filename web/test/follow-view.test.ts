import { describe, expect, it } from 'vitest';
import type { Follow } from '#lib/api/contract.ts';
import { badgePath, followForm, followMark, followOrder } from '#lib/features/follows/follow-view.ts';
import { at } from './factories.ts';

const follow: Follow = {
  connection: 'hub',
  repository: 'example-org/shop',
  branch: 'main',
  path: 'deploy/millrace.yaml',
  commit: 'a'.repeat(40),
  checkedAt: at(1),
  version: 3,
  problem: null,
  createdAt: at(0),
  createdBy: 'ada',
};

describe('a definition that follows a file', () => {
  it('is in step, or says what keeps it from being so', () => {
    expect(followMark(follow).tone).toBe('ok');
    expect(followMark({ ...follow, problem: { message: 'No.', errors: [] } }).tone).toBe('bad');
    expect(followMark({ ...follow, connection: null }).word).toBe('Its connection is gone');
    expect(followMark({ ...follow, commit: null, version: null }).tone).toBe('ask');
  });

  it('is changed from what it is', () => {
    expect(followOrder(followForm(follow))).toEqual({
      connection: 'hub',
      repository: 'example-org/shop',
      branch: 'main',
      path: 'deploy/millrace.yaml',
    });
  });

  it('leaves out what is left to the host', () => {
    const form = { ...followForm(undefined), connection: 'hub ', repository: ' example-org/shop' };
    expect(followOrder(form)).toEqual({ connection: 'hub', repository: 'example-org/shop', path: 'millrace.yaml' });
    expect(followOrder({ ...form, path: ' ' })).not.toHaveProperty('path');
  });
});

it('shows the badge from here, whichever name the server goes by', () => {
  expect(badgePath('https://ci.example.com/badge/t.p.k.svg?branch=main')).toBe('/badge/t.p.k.svg?branch=main');
});
