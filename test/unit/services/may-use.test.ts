import { describe, expect, it } from 'vitest';
import type { Trust } from '../../../worker/engine/trust.ts';
import { mayUse } from '../../../worker/services/secrets/may-use.ts';
import { parseReference } from '../../../worker/services/secrets/reference.ts';

const ordered: Trust = {
  trigger: { type: 'StartPipelineExecution', actor: 'ada@example.com' },
  isUntrusted: false,
  isOnNamedBranches: true,
};
const pushed: Trust = { ...ordered, trigger: { type: 'WebhookV2' } };

describe('a protected secret', () => {
  it.each<[string, Trust, boolean]>([
    ['a person or a service token has started', ordered, true],
    ['a person has started for a branch of their choice', { ...ordered, isOnNamedBranches: false }, true],
    ['a person has sent back', { ...ordered, trigger: { type: 'ManualRollback', actor: 'token:7' } }, true],
    ['has gone back by itself', { ...ordered, trigger: { type: 'AutomatedRollback' } }, true],
    ['another execution has started', { ...ordered, trigger: { type: 'StartPipelineExecution' } }, false],
    ['a push to the branch of the definition has started', pushed, true],
    ['a schedule has started', { ...ordered, trigger: { type: 'CloudWatchEvent' } }, true],
    ['a push to another branch has started', { ...pushed, isOnNamedBranches: false }, false],
    ['came about in a way that nobody has thought of', { ...ordered, trigger: { type: 'Other', actor: 'x' } }, false],
  ])('and an execution that %s', (_, trust, expected) => {
    expect(mayUse({ isProtected: true }, trust)).toBe(expected);
    expect(mayUse({ isProtected: false }, trust)).toBe(true);
  });
});

it('shows no secret whatever to what strangers wrote, whoever has started it', () => {
  for (const trust of [ordered, pushed, { ...ordered, trigger: { type: 'AutomatedRollback' } }]) {
    expect(mayUse({ isProtected: true }, { ...trust, isUntrusted: true })).toBe(false);
    expect(mayUse({ isProtected: false }, { ...trust, isUntrusted: true })).toBe(false);
  }
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
