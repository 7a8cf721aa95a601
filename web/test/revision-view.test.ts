import { describe, expect, it } from 'vitest';
import { isFromFork, revisionName, revisionOrigin } from '#lib/features/executions/revision-view.ts';
import { anExecution, aRevision } from './factories.ts';

describe('a revision', () => {
  it('is called by what it says, or by its id', () => {
    expect(revisionName(aRevision())).toBe('Fix the gate');
    expect(revisionName(aRevision({ summary: '' }))).toBe('abc1234');
  });

  it('says where it comes from', () => {
    expect(revisionOrigin(aRevision())).toBe('Checkout');
    expect(revisionOrigin(aRevision({ branch: 'main' }))).toBe('Checkout · main');
    expect(revisionOrigin(aRevision({ branch: 'main', isUntrusted: true }))).toBe('Checkout · main · from a fork');
  });

  it('from a fork keeps the whole execution without secrets', () => {
    expect(isFromFork(anExecution())).toBe(false);
    expect(isFromFork(anExecution({ revisions: [aRevision(), aRevision({ isUntrusted: true })] }))).toBe(true);
  });
});
