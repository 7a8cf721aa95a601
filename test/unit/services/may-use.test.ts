import { describe, expect, it } from 'vitest';
import { mayUse, type Trust } from '../../../worker/services/secrets/may-use.ts';
import { parseReference } from '../../../worker/services/secrets/reference.ts';

const ordered: Trust = {
  trigger: { type: 'StartPipelineExecution', actor: 'ada@example.com' },
  isOpenToStrangers: false,
};

describe('a protected secret', () => {
  it.each<[string, Trust, boolean]>([
    ['a person or a service token has started', ordered, true],
    ['a person has sent back', { ...ordered, trigger: { type: 'ManualRollback', actor: 'token:7' } }, true],
    ['has gone back by itself', { ...ordered, trigger: { type: 'AutomatedRollback' } }, true],
    ['another execution has started', { ...ordered, trigger: { type: 'StartPipelineExecution' } }, false],
    ['strangers might have started', { ...ordered, isOpenToStrangers: true }, false],
    [
      'has gone back where strangers can start',
      { trigger: { type: 'AutomatedRollback' }, isOpenToStrangers: true },
      false,
    ],
    [
      'came about in a way that nobody has thought of',
      { ...ordered, trigger: { type: 'Webhook', actor: 'x' } },
      false,
    ],
  ])('and an execution that %s', (_, trust, expected) => {
    expect(mayUse({ isProtected: true }, trust)).toBe(expected);
    expect(mayUse({ isProtected: false }, trust)).toBe(true);
  });
});

describe('a reference', () => {
  it('is of the tenant, or of AWS', () => {
    expect(parseReference('npm-token')).toEqual({ kind: 'secret', name: 'npm-token' });
    expect(parseReference('secretsmanager:ci/npm:token')).toEqual({
      kind: 'aws',
      service: 'secretsmanager',
      name: 'ci/npm:token',
    });
    expect(parseReference('ssm:/ci/npm')).toEqual({ kind: 'aws', service: 'ssm', name: '/ci/npm' });
  });
});
