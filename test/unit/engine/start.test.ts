import { describe, expect, it } from 'vitest';
import type { Revision } from '../../../worker/engine/model.ts';
import { decideStart, type StartOrder } from '../../../worker/engine/start.ts';
import { aPlan, anAction } from '../../support/factories.ts';

const plan = aPlan({
  Source: [anAction('Checkout', { type: 'Source/Upload', carrier: 'worker', commands: [] })],
  Build: [anAction('Unit')],
});
const declared = [{ name: 'target', default: 'staging' }, { name: 'ticket' }];
const revision = (id: string): Revision => ({ id, digest: `sha256:${id}`, sizeBytes: 1, summary: id });
const newestFirst = (): readonly Revision[] => [revision('new'), revision('old')];

const start = (order: Partial<StartOrder>, uploaded = newestFirst) =>
  decideStart(plan, declared, { variables: { ticket: 'T-1' }, revisions: {}, ...order }, uploaded);

describe('starting an execution', () => {
  it('takes given variables over defaults, and the newest revision of every source', () => {
    expect(start({})).toMatchObject({
      ok: true,
      variables: { target: 'staging', ticket: 'T-1' },
      revisions: { Checkout: { id: 'new' } },
    });
  });

  it('takes the revision that was asked for', () => {
    expect(start({ revisions: { Checkout: 'sha256:old' } })).toMatchObject({
      revisions: { Checkout: { id: 'old' } },
    });
  });

  it.each([
    ['an undeclared variable', { variables: { ticket: 'T', colour: 'red' } }, 'variable_unknown', /"colour"/],
    ['a missing variable', { variables: {} }, 'variable_missing', /"ticket"/],
    ['a revision nobody uploaded', { revisions: { Checkout: 'sha256:none' } }, 'revision_missing', /sha256:none/],
    ['a revision for no source', { revisions: { Unit: 'sha256:new' } }, 'source_action_not_found', /"Unit"/],
  ] as const)('refuses %s', (_, order, code, message) => {
    expect(start(order)).toMatchObject({ ok: false, code, message: expect.stringMatching(message) as string });
  });

  it('refuses to start from a source that nobody has uploaded to', () => {
    expect(start({}, () => [])).toMatchObject({ ok: false, code: 'revision_missing' });
  });
});
