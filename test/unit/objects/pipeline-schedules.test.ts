import { beforeEach, describe, expect, it } from 'vitest';
import type { ScheduleOrder, ScheduleState } from '../../../worker/calendar/schedule.ts';
import type { ExecutionId, PipelineId, TenantId } from '../../../worker/engine/ids.ts';
import { silentLog } from '../../../worker/kernel/log.ts';
import type { ExecutionPeer } from '../../../worker/objects/peers.ts';
import { PipelineCore } from '../../../worker/objects/pipeline/pipeline-core.ts';
import type { PublishedPipeline } from '../../../worker/objects/pipeline/pipeline-orders.ts';
import { emptyPipeline, pipelineStore } from '../../simulation/stores.ts';
import { anApproval, aPlan } from '../../support/factories.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);
const START = at('2026-03-02T09:00Z');

const nightly = (change: Partial<ScheduleOrder> = {}): ScheduleOrder => ({
  name: 'nightly',
  cron: '0 2 * * *',
  timezone: 'UTC',
  isEnabled: true,
  variables: {},
  ...change,
});

/** One pipeline with a clock that moves by hand, and an alarm that rings when it is told to. */
class GivenPipeline {
  now = START;
  alarmAt: number | undefined;
  core: PipelineCore;
  problem: string | undefined;
  isDown = false;
  readonly published: PublishedPipeline[] = [];
  readonly told: string[] = [];
  #image = emptyPipeline();
  #ids = 0;
  #version = 0;

  constructor() {
    this.core = this.#wake();
  }

  save(schedules: readonly ScheduleOrder[], digest = `${(this.#version += 1)}`): void {
    this.core.save({
      tenant: 'tenant' as TenantId,
      id: 'pipe' as PipelineId,
      name: 'shop',
      createdBy: 'ada',
      digest,
      mode: 'PARALLEL',
      variables: [{ name: 'SUITE', default: 'quick' }],
      plan: aPlan({ S: [anApproval('ok')] }),
      document: '{}',
      schedules,
    });
  }

  /** The object leaves memory and comes back. */
  sleep(): void {
    this.core = this.#wake();
  }

  /** The clock moves to there, and the alarm rings whenever it is due on the way. */
  async until(text: string): Promise<void> {
    const end = at(text);
    await this.core.settled();
    while (this.alarmAt !== undefined && this.alarmAt <= end) {
      this.now = Math.max(this.now, this.alarmAt);
      this.ring();
      await this.core.settled();
    }
    this.now = end;
  }

  /** The same, but nobody was there to hear the alarm before the end. */
  async outageUntil(text: string): Promise<void> {
    await this.core.settled();
    this.now = at(text);
    this.sleep();
    this.ring();
    await this.core.settled();
  }

  ring(): void {
    this.alarmAt = undefined;
    this.core.ring();
  }

  get starts(): string[] {
    return this.core.rows.map(
      ({ start }) => `${new Date(start.at).toISOString().slice(0, 16)} ${start.trigger.detail ?? ''}`,
    );
  }

  get schedule(): ScheduleState | undefined {
    return this.core.head?.schedules?.[0];
  }

  #wake(): PipelineCore {
    const executions: Partial<ExecutionPeer> = {
      begin: ({ id }) => Promise.resolve(void this.told.push(id)),
      admit: (_, id) => Promise.resolve(void this.told.push(id)).then(() => ({ step: 0, kind: 'In', stage: 0 })),
      stop: () => Promise.resolve(),
    };
    return new PipelineCore({
      durable: {
        transact: (body) => body(),
        flush: () => Promise.resolve(),
        setAlarm: (alarmAt) => (this.alarmAt = alarmAt),
        clearAlarm: () => (this.alarmAt = undefined),
      },
      store: pipelineStore(() => this.#image),
      clock: { now: () => this.now },
      log: silentLog,
      armedAt: this.alarmAt,
      later: () => undefined,
      executions: executions as ExecutionPeer,
      index: {
        publishPipeline: (pipeline) => Promise.resolve(void this.published.push(pipeline)),
        publishSummary: () => Promise.resolve(),
      },
      newExecutionId: () => `e${(this.#ids += 1)}` as ExecutionId,
      scheduleGate: (_, begin) => {
        if (this.isDown) return Promise.reject(new Error('the database is away'));
        begin(this.problem);
        return Promise.resolve();
      },
      onChange: () => undefined,
      onBegun: () => undefined,
    });
  }
}

describe('a schedule', () => {
  let given: GivenPipeline;
  beforeEach(() => {
    given = new GivenPipeline();
  });

  it('starts an execution at each of its times, and sleeps in between', async () => {
    given.save([nightly({ variables: { SUITE: 'full' } })]);
    await given.until('2026-03-02T20:00Z');
    expect(given.alarmAt).toBe(at('2026-03-03T02:00Z'));
    given.sleep();
    await given.until('2026-03-04T20:00Z');
    expect(given.starts).toEqual([
      '2026-03-03T02:00 "nightly" was due at 2026-03-03T02:00:00Z.',
      '2026-03-04T02:00 "nightly" was due at 2026-03-04T02:00:00Z.',
    ]);
    expect(given.core.rows[0]?.start).toMatchObject({
      variables: { SUITE: 'full' },
      trigger: { type: 'CloudWatchEvent', by: 'schedule nightly' },
    });
    expect(given.schedule).toMatchObject({
      nextAt: at('2026-03-05T02:00Z'),
      last: { dueAt: at('2026-03-04T02:00Z'), execution: { id: given.core.rows[1]?.live.id, number: 2 } },
    });
    expect(given.alarmAt).toBe(at('2026-03-05T02:00Z'));
  });

  it('that was missed is caught up once, however often it was missed', async () => {
    given.save([nightly()]);
    await given.outageUntil('2026-03-09T08:30Z');
    expect(given.starts).toEqual([
      '2026-03-09T08:30 "nightly" was due at 2026-03-09T02:00:00Z; it was missed, and caught up.',
    ]);
    await given.until('2026-03-10T01:00Z');
    expect(given.starts).toHaveLength(1);
    await given.until('2026-03-10T03:00Z');
    expect(given.starts).toHaveLength(2);
  });

  it('fires once when its alarm rings twice, or early', async () => {
    given.save([nightly()]);
    await given.until('2026-03-03T01:59Z');
    given.ring();
    await given.core.settled();
    expect(given.starts).toEqual([]);
    expect(given.alarmAt).toBe(at('2026-03-03T02:00Z'));
    given.now = at('2026-03-03T02:00Z');
    given.ring();
    given.ring();
    await given.core.settled();
    given.sleep();
    given.ring();
    await given.core.settled();
    expect(given.starts).toHaveLength(1);
  });

  it('does not fire while it is disabled, and counts from when it is enabled again', async () => {
    given.save([nightly({ isEnabled: false })]);
    await given.until('2026-03-05T12:00Z');
    expect(given.starts).toEqual([]);
    expect(given.alarmAt).toBeUndefined();
    given.save([nightly()]);
    expect(given.schedule?.nextAt).toBe(at('2026-03-06T02:00Z'));
    await given.until('2026-03-06T12:00Z');
    expect(given.starts).toHaveLength(1);
  });

  it('keeps its clock when a new version leaves it as it is, starts anew with other times, and is forgotten when it is gone', async () => {
    const every = (cron: string): ScheduleOrder => nightly({ name: 'often', cron });
    given.save([every('rate(90 minutes)')]);
    expect(given.schedule?.nextAt).toBe(START + 1.5 * HOUR);
    await given.until('2026-03-02T10:00Z');
    given.save([nightly(), every('rate(90 minutes)')]);
    expect(given.core.head?.schedules?.map(({ nextAt }) => nextAt)).toEqual([START + 17 * HOUR, START + 1.5 * HOUR]);
    given.save([every('rate(2 hours)')]);
    expect(given.core.head?.schedules).toMatchObject([
      { name: 'often', since: START + HOUR, nextAt: START + 3 * HOUR },
    ]);
    given.save([]);
    await given.until('2026-03-04T00:00Z');
    expect(given.starts).toEqual([]);
    expect(given.alarmAt).toBeUndefined();
  });

  it('is taken over from a definition that was saved before there were schedules', async () => {
    given.save([], 'same');
    await given.core.settled();
    expect(given.published.at(-1)?.nextScheduleAt).toBeNull();
    given.save([nightly()], 'same');
    await given.core.settled();
    expect(given.core.head?.version).toBe(1);
    expect(given.published.at(-1)?.nextScheduleAt).toBe(at('2026-03-03T02:00Z'));
    await given.until('2026-03-03T12:00Z');
    expect(given.starts).toHaveLength(1);
  });

  it('remembers why it could not start, and goes on', async () => {
    given.save([nightly()]);
    given.problem = 'The tenant is to be deleted.';
    await given.until('2026-03-03T12:00Z');
    expect(given.starts).toEqual([]);
    expect(given.schedule).toMatchObject({
      nextAt: at('2026-03-04T02:00Z'),
      last: { dueAt: at('2026-03-03T02:00Z'), problem: 'The tenant is to be deleted.' },
    });
    given.problem = undefined;
    await given.until('2026-03-04T12:00Z');
    expect(given.starts).toHaveLength(1);
    expect(given.schedule?.last?.problem).toBeUndefined();
  });

  it('is refused like anybody else when too many are running', async () => {
    given.save([nightly({ cron: 'rate(1 hour)' })]);
    await given.until('2026-03-07T09:00Z');
    expect(given.starts).toHaveLength(100);
    expect(given.schedule?.last?.problem).toMatch(/^100 executions/);
    expect(given.schedule?.nextAt).toBe(at('2026-03-07T10:00Z'));
  });

  it('tries again when nobody could be asked whether it may', async () => {
    given.save([nightly()]);
    await given.until('2026-03-03T01:00Z');
    given.isDown = true;
    await given.until('2026-03-03T02:10Z');
    expect(given.starts).toEqual([]);
    expect(given.schedule?.last).toBeUndefined();
    given.isDown = false;
    await given.until('2026-03-03T02:15Z');
    expect(given.starts).toHaveLength(1);
  });

  it('of a deleted pipeline fires no more', async () => {
    given.save([nightly()]);
    await given.until('2026-03-03T12:00Z');
    expect(given.starts).toHaveLength(1);
    given.core.remove('ada', true);
    await given.until('2026-03-05T12:00Z');
    expect(given.starts).toHaveLength(1);
  });

  it('is looked after when the alarm is lost', async () => {
    given.save([nightly()]);
    await given.core.settled();
    expect(given.published.at(-1)?.nextScheduleAt).toBe(at('2026-03-03T02:00Z'));
    given.alarmAt = undefined;
    given.sleep();
    given.now = START + 2 * DAY;
    given.core.keepTime();
    await given.core.settled();
    expect(given.starts).toHaveLength(1);
    given.alarmAt = undefined;
    given.sleep();
    expect(given.core.keepTime()).toBe(at('2026-03-05T02:00Z'));
    expect(given.alarmAt).toBe(at('2026-03-05T02:00Z'));
  });

  it('makes the pipeline repeat nothing when it wakes long before it', async () => {
    given.save([nightly()]);
    given.core.start({
      id: 'own' as ExecutionId,
      variables: {},
      revisions: {},
      trigger: { type: 'StartPipelineExecution', by: 'ada' },
      fingerprint: '',
    });
    await given.until('2026-03-02T10:00Z');
    given.told.length = 0;
    given.published.length = 0;
    given.sleep();
    given.core.setTransition('S', { enabled: false, by: 'ada', reason: '' });
    await given.core.settled();
    expect([given.told, given.published]).toEqual([[], []]);
  });
});
