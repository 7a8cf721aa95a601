import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#lib/api/contract.ts';
import { actorText, objectText, outcomeTone, valueText } from '#lib/features/audit/audit-view.ts';
import { parseAuditFilter, withAuditFilter } from '#lib/features/audit/filter.ts';

const entry: AuditEntry = {
  seq: 7,
  id: 'e',
  at: '2026-11-25T12:00:00.000Z',
  actor: { type: 'person', id: 'u', name: 'Ada' },
  from: { ip: '203.0.113.7', userAgent: 'x' },
  verb: 'transition:set',
  route: 'PUT /pipelines/{name}/stages/{stage}/transition',
  object: { type: 'pipeline', id: 'web-shop', part: 'Ship' },
  outcome: 'allowed',
  status: 200,
  requestId: 'r',
  prev: '0',
  hash: '1',
};

describe('an entry', () => {
  it('says who, and on what', () => {
    expect(objectText(entry)).toBe('pipeline web-shop · Ship');
    expect(objectText({ ...entry, object: { type: 'setting', id: '' } })).toBe('setting');
    expect(actorText(entry)).toBe('Ada');
    expect(actorText({ ...entry, actor: { ...entry.actor, token: 't' } })).toBe('Ada, by token');
    expect(outcomeTone({ ...entry, outcome: 'denied' })).toBe('bad');
  });

  it('shows before and after as text, and null as a value', () => {
    expect(valueText({ enabled: false })).toBe('{\n  "enabled": false\n}');
    expect(valueText(null)).toBe('null');
    expect(valueText(undefined)).toBeUndefined();
  });
});

describe('the filter', () => {
  it('is the address, and nothing that makes no sense', () => {
    const filter = { actor: 'Ada', verb: 'token:*', object: 'pipeline/web-shop', outcome: 'denied' };
    expect(parseAuditFilter(new URL(withAuditFilter('https://x/audit', filter)).search)).toEqual(filter);
    expect(parseAuditFilter('?outcome=maybe&actor=%20&x=1')).toEqual({});
    expect(withAuditFilter('/audit', { actor: '' })).toBe('/audit');
  });
});
