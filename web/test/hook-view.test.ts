import { describe, expect, it } from 'vitest';
import type { Hook } from '#lib/api/contract.ts';
import { emptyHook, hookGuide, hookKinds, hookMark, newHook, unverifiedOf } from '#lib/features/hooks/hook-view.ts';
import { at } from './factories.ts';

const attempt = { at: at(5), reason: 'The signature does not fit.', sizeBytes: 7, sender: '192.0.2.1' };
const hook: Hook = {
  id: 'h1',
  kind: 'standard',
  name: 'releases',
  connection: null,
  repository: null,
  url: 'https://ci.example.com/api/v1/hooks/h1',
  createdAt: at(0),
  createdBy: 'ada',
  lastDeliveryAt: null,
  backlog: 0,
  unverified: [],
};

describe('a hook', () => {
  it('says what matters most about it', () => {
    expect(hookMark(hook)).toEqual({ tone: 'idle', word: 'No delivery yet' });
    expect(hookMark({ ...hook, lastDeliveryAt: at(9) }).word).toBe('Delivers');
    expect(hookMark({ ...hook, lastDeliveryAt: at(9), backlog: 3 })).toEqual({ tone: 'ask', word: '3 on the way' });
  });

  it('is wrong where nothing right has ever come, and worth a look where nothing right has come since', () => {
    expect(hookMark({ ...hook, unverified: [attempt] }).tone).toBe('bad');
    expect(hookMark({ ...hook, unverified: [attempt], lastDeliveryAt: at(4) }).tone).toBe('ask');
    expect(hookMark({ ...hook, unverified: [attempt], lastDeliveryAt: at(6) }).tone).toBe('ok');
  });

  it('lists what was not signed right, the newest first', () => {
    const list = [attempt, { ...attempt, at: at(9) }];
    expect(unverifiedOf({ unverified: list }).map((one) => one.at)).toEqual([at(9), at(5)]);
    expect(hookMark({ ...hook, unverified: list, lastDeliveryAt: at(7) }).tone).toBe('ask');
  });
});

describe('a new hook', () => {
  const typed = { ...emptyHook, name: ' releases ', topics: 'arn:1\n arn:2,', connection: 'c1' };

  it('holds only what its kind knows', () => {
    expect(newHook(typed)).toEqual({ kind: 'standard', name: 'releases' });
    expect(newHook({ ...typed, kind: 'sns' })).toEqual({ kind: 'sns', name: 'releases', topics: ['arn:1', 'arn:2'] });
    expect(newHook({ ...typed, kind: 'eventbridge' })).toEqual({
      kind: 'eventbridge',
      name: 'releases',
      connection: 'c1',
    });
    expect(newHook({ ...typed, kind: 'eventbridge', connection: '' })).not.toHaveProperty('connection');
  });

  it('comes with how to use it, its secret where the sender puts it', () => {
    for (const { kind } of hookKinds) expect(hookGuide(kind, 's').steps.length).toBeGreaterThan(1);
    expect(hookGuide('standard', 's').secret).toBe('whsec_s');
    expect(hookGuide('standard', 'whsec_s').secret).toBe('whsec_s');
    expect(hookGuide('registry', 's').headers).toEqual([{ name: 'Authorization', value: 'Bearer s' }]);
    expect(hookGuide('eventbridge', 's').headers).toEqual([{ name: 'x-millrace-secret', value: 's' }]);
    expect(hookGuide('sns', 's')).toMatchObject({ secret: undefined, headers: [] });
  });
});
