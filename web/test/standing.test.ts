import { describe, expect, it } from 'vitest';
import { actionStanding, executionStanding } from '#lib/features/executions/standing.ts';

describe('standings', () => {
  it('show that an execution waits for a person', () => {
    expect(executionStanding({ status: 'InProgress', attention: 'Hold' }).word).toBe('Held');
    expect(executionStanding({ status: 'Succeeded', attention: 'Hold' }).word).toBe('Succeeded');
  });

  it('show what an action does rather than that it is in progress', () => {
    expect(actionStanding({ status: 'InProgress', activity: 'Queued' }).word).toBe('Queued');
    expect(actionStanding({ status: null, activity: null }).word).toBe('Not reached');
  });
});
