import { describe, expect, it } from 'vitest';
import { mayMint } from '../../../worker/services/id-tokens/may-mint.ts';
import {
  KEPT_AFTER_MS,
  PUBLISHED_BEFORE_MS,
  rotationSteps,
  type SigningKeyTimes,
  TOKEN_MS,
  USED_MS,
} from '../../../worker/services/id-tokens/rotation.ts';

const HOUR = 60 * 60_000;

/** Carries out what is due, every five minutes, for `forMs`. */
function live(keys: readonly SigningKeyTimes[], from: number, forMs: number) {
  const history: { at: number; keys: readonly SigningKeyTimes[] }[] = [];
  let [now, made] = [from, keys.length];
  for (let current = keys; now <= from + forMs; now += HOUR / 12) {
    for (const step of rotationSteps(current, now)) {
      if (step.do === 'create') {
        made += 1;
        const activeAt = step.state === 'active' ? now : null;
        current = [...current, { kid: `k${made}`, state: step.state, createdAt: now, activeAt, retiredAt: null }];
      } else if (step.do === 'activate') {
        current = current.map((key) => {
          if (key.kid === step.kid) return { ...key, state: 'active', activeAt: now };
          return key.kid === step.instead ? { ...key, state: 'retired', retiredAt: now } : key;
        });
      } else current = current.filter(({ kid }) => kid !== step.kid);
    }
    history.push({ at: now, keys: current });
  }
  return history;
}

describe('signing keys over three months', () => {
  const history = live([], 1_000, 3 * USED_MS + HOUR);

  it('always have one that signs and one that will', () => {
    const inUse = history.map(({ keys }) => keys.map(({ state }) => state).filter((state) => state !== 'retired'));
    expect(new Set(inUse.map((states) => states.sort().join(' ')))).toEqual(new Set(['active next']));
  });

  it('change, and never more than they must', () => {
    const used = new Set(
      history.flatMap(({ keys }) => keys.filter(({ state }) => state === 'active').map(({ kid }) => kid)),
    );
    expect([...used]).toEqual(['k1', 'k2', 'k3', 'k4']);
  });

  it('are published a day before they sign, the very first one apart', () => {
    for (const { keys } of history.filter((_, index) => index % 100 === 0)) {
      for (const { kid, createdAt, activeAt } of keys) {
        if (kid !== 'k1' && activeAt !== null) {
          expect(activeAt - createdAt).toBeGreaterThanOrEqual(PUBLISHED_BEFORE_MS);
        }
      }
    }
  });

  it('stay as long as a token of theirs can live, and its verifier remember', () => {
    expect(KEPT_AFTER_MS).toBeGreaterThanOrEqual(2 * TOKEN_MS + HOUR);
    const last = history.findLast(({ keys }) => keys.some(({ kid }) => kid === 'k1'));
    const retired = history.find(({ keys }) => keys.some(({ kid, state }) => kid === 'k1' && state === 'retired'));
    expect((last?.at ?? 0) - (retired?.at ?? 0)).toBe(KEPT_AFTER_MS - HOUR / 12);
  });

  it('do not rotate into a key that nobody knows yet', () => {
    const keys: SigningKeyTimes[] = [{ kid: 'old', state: 'active', createdAt: 0, activeAt: 0, retiredAt: null }];
    const late = live(keys, USED_MS * 2, PUBLISHED_BEFORE_MS - HOUR);
    expect(late.at(-1)?.keys.find(({ state }) => state === 'active')?.kid).toBe('old');
  });
});

describe('an identity', () => {
  const actor = 'ada@example.com';

  const safe = { isUntrusted: false, isOnNamedBranches: true };

  it.each([
    ['an order of a person', { trigger: { type: 'StartPipelineExecution', actor }, ...safe }, true],
    ['a rollback by itself', { trigger: { type: 'AutomatedRollback' }, ...safe }, true],
    ['a push', { trigger: { type: 'WebhookV2' }, ...safe }, true],
    ['code of a fork', { trigger: { type: 'StartPipelineExecution', actor }, ...safe, isUntrusted: true }, false],
    ['a pull request', { trigger: { type: 'WebhookV2' }, ...safe, isOnNamedBranches: false }, false],
    ['a trigger that nobody knows', { trigger: { type: 'Whatever', actor }, ...safe }, false],
    ['an order of nobody', { trigger: { type: 'StartPipelineExecution' }, ...safe }, false],
  ] as const)('for %s', (_, trust, expected) => {
    expect(mayMint(trust)).toBe(expected);
  });
});
