import { describe, expect, it } from 'vitest';
import { scopeText, secretKey } from '#lib/features/secrets/secret-view.ts';

const secret = {
  name: 'npm',
  pipeline: null,
  stage: null,
  version: 1,
  isProtected: false,
  updatedAt: '2026-01-01T00:00:00.000Z',
  updatedBy: 'Ada',
  lastUsedAt: null,
};

describe('a secret on its page', () => {
  it('says for whom it is', () => {
    expect(scopeText(secret)).toBe('all pipelines');
    expect(scopeText({ pipeline: 'shop', stage: null })).toBe('shop');
    expect(scopeText({ pipeline: 'shop', stage: 'Release' })).toBe('shop / Release');
  });

  it('is another one in another scope', () => {
    const keys = [secret, { ...secret, pipeline: 'shop' }, { ...secret, pipeline: 'shop', stage: 'Release' }].map(
      secretKey,
    );
    expect(new Set(keys).size).toBe(3);
  });
});
