import { describe, expect, it } from 'vitest';
import { changedVariables, variableFields } from '#lib/features/pipelines/run-form.ts';

describe('run form', () => {
  const fields = variableFields({ variables: [{ name: 'target', default: 'staging' }, { name: 'ticket' }] });

  it('marks variables without a default as required', () => {
    expect(fields.map(({ isRequired }) => isRequired)).toEqual([false, true]);
  });

  it('sends what differs from the default and what has none', () => {
    expect(changedVariables(fields, { target: 'staging', ticket: '7' })).toEqual({ ticket: '7' });
    expect(changedVariables(fields, { target: '', ticket: '7' })).toEqual({ target: '', ticket: '7' });
  });
});
