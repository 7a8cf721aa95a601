import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type SomeLimits } from '../../../contract/quotas.ts';
import type { PipelineId } from '../../../worker/engine/ids.ts';
import { silentLog } from '../../../worker/kernel/log.ts';
import { SlotLedger } from '../../../worker/objects/tenant/slot-ledger.ts';
import type { Slot } from '../../../worker/objects/tenant/slot-store.ts';

const MINUTE = 60_000;
const one = 'p1' as PipelineId;
const other = 'p2' as PipelineId;

class Given {
  readonly rows = new Map<string, Slot>();
  readonly asked: (readonly [string, readonly string[]])[] = [];
  now = 0;
  heldBy: (pipeline: string, leases: readonly string[]) => readonly string[] = (_, leases) => leases;
  readonly limits: SomeLimits;
  ledger: SlotLedger;

  constructor(limits: SomeLimits) {
    this.limits = limits;
    this.ledger = this.wake();
  }

  /** With nothing in memory. */
  wake(): SlotLedger {
    return (this.ledger = new SlotLedger(
      't',
      {
        transact: (body) => body(),
        all: () => [...this.rows.values()],
        put: (slot) => void this.rows.set(slot.lease, slot),
        remove: (lease) => void this.rows.delete(lease),
      },
      {
        clock: { now: () => this.now },
        log: silentLog,
        limits: () => Promise.resolve({ ...DEFAULT_LIMITS, ...this.limits }),
        heldBy: (_, pipeline, leases) => {
          this.asked.push([pipeline, leases]);
          return new Promise((resolve) => resolve(this.heldBy(pipeline, leases)));
        },
      },
    ));
  }

  start(lease: string, pipeline = one) {
    return this.ledger.take({ lease, pipeline, isStart: true });
  }
}

describe('starts within an hour', () => {
  it('open again when the oldest of them is an hour old, and not before', async () => {
    const given = new Given({ executionsPerHour: 2 });
    await given.start('a');
    given.now = 20 * MINUTE;
    await given.start('b');
    given.now = 30 * MINUTE;
    expect(await given.start('c')).toEqual({
      quota: { name: 'executionsPerHour', used: 2, limit: 2 },
      retryAfterSeconds: 30 * 60,
    });
    given.now = 60 * MINUTE - 1;
    expect(await given.start('c')).toMatchObject({ retryAfterSeconds: 1 });
    given.now = 60 * MINUTE;
    expect(await given.start('c')).toBeUndefined();
    expect(await given.start('d')).toMatchObject({ retryAfterSeconds: 20 * 60 });
  });

  it('are counted after they have ended, and after the object has slept', async () => {
    const given = new Given({ executionsPerHour: 2 });
    await given.start('a');
    await given.start('b');
    given.ledger.release(['a', 'b'], false);
    given.wake();
    expect(await given.start('c')).toMatchObject({ quota: { used: 2 } });
    given.now = 60 * MINUTE;
    expect(await given.start('c')).toBeUndefined();
    expect([...given.rows.keys()]).toEqual(['c']);
  });

  it('open later where the limit has been lowered, by as many as are too many', async () => {
    const given = new Given({ executionsPerHour: 3 });
    for (const lease of ['a', 'b', 'c']) {
      await given.start(lease);
      given.now += 10 * MINUTE;
    }
    Object.assign(given.limits, { executionsPerHour: 1 });
    expect(await given.start('d')).toMatchObject({ retryAfterSeconds: 50 * 60 });
  });

  it('are not counted when nothing has come of them, nor when an execution comes back', async () => {
    const given = new Given({ executionsPerHour: 1 });
    await given.start('a');
    given.ledger.release(['a'], true);
    await given.ledger.take({ lease: 'a:7', pipeline: one, isStart: false });
    expect(await given.ledger.usage()).toEqual({ concurrentExecutions: 1, executionsPerHour: 0 });
    expect(await given.start('b')).toBeUndefined();
  });
});

describe('leases', () => {
  it('are taken once, however often they are asked for', async () => {
    const given = new Given({ concurrentExecutions: 1 });
    expect(await given.start('a')).toBeUndefined();
    expect(await given.start('a')).toBeUndefined();
    expect(await given.start('b')).toMatchObject({ quota: { name: 'concurrentExecutions', used: 1, limit: 1 } });
    expect(given.rows.size).toBe(1);
  });

  it('that a pipeline does not hold any more are taken from it before anybody is refused', async () => {
    const given = new Given({ concurrentExecutions: 2 });
    await given.start('lost');
    await given.start('kept', other);
    given.heldBy = (_, leases) => leases.filter((lease) => lease !== 'lost');
    expect(await given.start('next')).toBeUndefined();
    expect(given.asked).toEqual([
      [one, ['lost']],
      [other, ['kept']],
    ]);
    expect(await given.start('more')).toMatchObject({ quota: { used: 2 } });
  });

  it('are asked about once in a while, not at each refusal', async () => {
    const given = new Given({ concurrentExecutions: 1 });
    await given.start('a');
    await Promise.all([given.start('b'), given.start('c')]);
    await given.start('d');
    expect(given.asked).toHaveLength(1);
    given.now += 10_000;
    await given.start('d');
    expect(given.asked).toHaveLength(2);
  });

  it('stay where the pipeline does not answer', async () => {
    const given = new Given({ concurrentExecutions: 1 });
    await given.start('a');
    given.heldBy = () => {
      throw new Error('gone for a moment');
    };
    expect(await given.start('b')).toMatchObject({ quota: { used: 1 } });
    expect(given.rows.get('a')?.isHeld).toBe(true);
  });
});
