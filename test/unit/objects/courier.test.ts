import { describe, expect, it } from 'vitest';
import { RetryableFailure } from '../../../worker/kernel/failure.ts';
import { Courier } from '../../../worker/objects/courier.ts';

const SECOND = 1_000;

async function pauseAfter(error: Error): Promise<number> {
  let pauseMs = Number.NaN;
  const courier = new Courier<string>({
    durable: { flush: () => Promise.resolve() },
    clock: { now: () => 0 },
    later: () => undefined,
    deliver: () => Promise.reject(error),
    onFailure: (_key, _item, _error, dueAt) => {
      pauseMs = dueAt;
    },
  });
  courier.put('key', 'item', { lane: 'lane' });
  courier.kick();
  await courier.settled();
  return pauseMs;
}

describe('the pause before another attempt', () => {
  it.each([
    ['ours, when nobody asks for one', undefined, SECOND],
    ['ours, when a shorter one is asked for', 10, SECOND],
    ['as long as the receiver asks', 90 * SECOND, 90 * SECOND],
    ['not without end', Number.MAX_SAFE_INTEGER, 15 * 60 * SECOND],
  ])('is %s', async (_, retryAfterMs, expected) => {
    expect(await pauseAfter(new RetryableFailure('later', retryAfterMs))).toBe(expected);
  });

  it('is ours after any other failure', async () => {
    expect(await pauseAfter(new Error('broken'))).toBe(SECOND);
  });
});

describe('what is under way', () => {
  it.each([
    ['is taken for lost after half a minute', {}, 31 * SECOND, 2],
    ['is given the time that it was put in with', { flightMaxMs: 120 * SECOND }, 119 * SECOND, 1],
    ['is taken for lost after that', { flightMaxMs: 120 * SECOND }, 121 * SECOND, 2],
  ])('%s', async (_, options, waitMs, expected) => {
    let now = 0;
    let deliveries = 0;
    const courier = new Courier<string>({
      durable: { flush: () => Promise.resolve() },
      clock: { now: () => now },
      later: () => undefined,
      deliver: () => {
        deliveries += 1;
        return new Promise<never>(() => undefined);
      },
      onFailure: () => undefined,
    });
    courier.put('key', 'item', { lane: 'lane', ...options });
    courier.kick();
    now = waitMs;
    courier.kick();
    await Promise.resolve();
    expect(deliveries).toBe(expected);
  });
});
