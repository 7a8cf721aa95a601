import { describe, expect, it } from 'vitest';
import type { Token } from '#lib/api/contract.ts';
import { isRotatable, orderOf, reachOf, standingOf } from '#lib/features/tokens/token-view.ts';

const token: Token = {
  id: 't',
  name: 'ci',
  kind: 'service',
  role: 'operator',
  scopes: null,
  pipelines: null,
  createdAt: '2026-11-01T00:00:00.000Z',
  createdBy: 'Ada',
  expiresAt: '2026-12-01T00:00:00.000Z',
  lastUsedAt: null,
  usedAt: null,
  rotatedTo: null,
};
const now = Date.parse('2026-11-25T00:00:00.000Z');

describe('what is asked for', () => {
  const form = {
    name: ' ci ',
    role: 'operator',
    scopes: 'execution:*, *:read',
    pipelines: 'web-shop',
    expiresInDays: 30,
  } as const;

  it('has the scopes and pipelines that were typed', () => {
    expect(orderOf({ ...form, kind: 'service' })).toEqual({
      name: 'ci',
      kind: 'service',
      role: 'operator',
      scopes: ['execution:*', '*:read'],
      pipelines: ['web-shop'],
      expiresInDays: 30,
    });
  });

  it('has nothing that its kind does not have', () => {
    expect(orderOf({ ...form, kind: 'registration' })).toEqual({ name: 'ci', kind: 'registration' });
    expect(orderOf({ ...form, kind: 'runner' })).toEqual({ name: 'ci', kind: 'runner', expiresInDays: 30 });
    expect(orderOf({ ...form, kind: 'user', scopes: ' ', pipelines: '' })).toEqual({
      name: 'ci',
      kind: 'user',
      expiresInDays: 30,
    });
  });
});

describe('a token', () => {
  it('says what it may do', () => {
    expect(reachOf(token)).toBe('operator');
    expect(reachOf({ ...token, scopes: ['*:read'], pipelines: ['web-shop'] })).toBe(
      'operator, only *:read, only in web-shop',
    );
    expect(reachOf({ ...token, kind: 'user', role: null })).toBe('acts for its person');
  });

  it('is rotated while it is valid, and once', () => {
    expect(isRotatable(token, now)).toBe(true);
    expect(standingOf({ ...token, rotatedTo: 'other' }, now)).toBe('rotated');
    expect(isRotatable({ ...token, rotatedTo: 'other' }, now)).toBe(false);
    expect(isRotatable({ ...token, expiresAt: token.createdAt }, now)).toBe(false);
    expect(isRotatable({ ...token, kind: 'registration' }, now)).toBe(false);
  });
});
