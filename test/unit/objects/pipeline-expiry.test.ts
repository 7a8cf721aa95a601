import { describe, expect, it } from 'vitest';
import type { ExecutionId, PipelineId, TenantId } from '../../../worker/engine/ids.ts';
import type { ExecutionSummary } from '../../../worker/engine/summary.ts';
import { silentLog } from '../../../worker/kernel/log.ts';
import type { ExecutionPeer } from '../../../worker/objects/peers.ts';
import { PipelineCore } from '../../../worker/objects/pipeline/pipeline-core.ts';
import { emptyPipeline, pipelineStore } from '../../simulation/stores.ts';
import { anApproval, aPlan, T0 } from '../../support/factories.ts';

const DAY = 24 * 60 * 60_000;

/** One pipeline whose executions, once begun, never move on; the clock moves by hand. */
class GivenPipeline {
  now = T0;
  alarmAt: number | undefined;
  core: PipelineCore;
  readonly ended: ExecutionSummary[] = [];
  readonly told: string[] = [];
  readonly #image = emptyPipeline();

  constructor() {
    this.core = this.#wake();
    this.core.save({
      tenant: 'tenant' as TenantId,
      id: 'pipe' as PipelineId,
      name: 'shop',
      createdBy: 'ada',
      digest: 'sha256:1',
      mode: 'QUEUED',
      variables: [],
      plan: aPlan({ S: [anApproval('ok')] }),
      document: '{}',
    });
  }

  start(id: string): void {
    const trigger = { type: 'StartPipelineExecution', by: 'ada' };
    this.core.start({ id: id as ExecutionId, trigger, fingerprint: id, variables: {}, revisions: {} });
  }

  /** The object leaves memory and comes back, as it does between two alarms that are days apart. */
  async sleep(): Promise<void> {
    await this.core.settled();
    this.core = this.#wake();
  }

  /** Time passes until the alarm rings, and everything that this causes has happened. */
  async untilAlarm(): Promise<void> {
    await this.core.settled();
    if (this.alarmAt === undefined) throw new Error('there is no alarm');
    this.now = this.alarmAt;
    this.alarmAt = undefined;
    this.core.ring();
    await this.core.settled();
  }

  #wake(): PipelineCore {
    const executions: Partial<ExecutionPeer> = {
      begin: ({ id }) => this.#hears(id),
      admit: (_, id) => this.#hears(id).then(() => ({ step: 0, kind: 'In', stage: 0 })),
    };
    return new PipelineCore({
      durable: {
        transact: (body) => body(),
        flush: () => Promise.resolve(),
        setAlarm: (at) => (this.alarmAt = at),
        clearAlarm: () => (this.alarmAt = undefined),
      },
      store: pipelineStore(() => this.#image),
      clock: { now: () => this.now },
      log: silentLog,
      armedAt: this.alarmAt,
      later: () => undefined,
      // It calls nothing else of an execution that has begun and stays where it is.
      executions: executions as ExecutionPeer,
      index: {
        publishPipeline: () => Promise.resolve(),
        publishSummary: (summary) => Promise.resolve(void this.ended.push(summary)),
      },
      // It has no schedules.
      newExecutionId: () => '' as ExecutionId,
      scheduleGate: () => Promise.resolve(),
      onChange: () => undefined,
      onBegun: () => undefined,
    });
  }

  #hears(id: string): Promise<void> {
    this.told.push(id);
    return Promise.resolve();
  }
}

describe('an execution that is never admitted', () => {
  it('ends Cancelled after thirty days, and nobody else does', async () => {
    const given = new GivenPipeline();
    given.start('one');
    given.start('two');
    await given.untilAlarm();
    expect(given.alarmAt).toBe(T0 + 30 * DAY);
    await given.untilAlarm();
    expect(given.now).toBe(T0 + 30 * DAY);
    expect(given.ended).toMatchObject([{ id: 'two', status: 'Cancelled', endedAt: T0 + 30 * DAY }]);
    expect(given.core.rows.map(({ live }) => live.id)).toEqual(['one']);
  });

  it('makes the pipeline repeat nothing when it wakes before that', async () => {
    const given = new GivenPipeline();
    given.start('one');
    given.start('two');
    await given.untilAlarm();
    given.told.length = 0;
    await given.sleep();
    given.start('three');
    await given.core.settled();
    expect(given.told).toEqual([]);
  });

  it('leaves no alarm behind once it has been let in', async () => {
    const given = new GivenPipeline();
    given.start('one');
    given.start('two');
    await given.core.settled();
    given.core.report('one' as ExecutionId, {
      step: 9,
      kind: 'Ended',
      status: 'Succeeded',
      entered: [0],
      succeeded: [0],
    });
    await given.untilAlarm();
    expect(given.told).toContain('two');
    expect(given.alarmAt).toBeUndefined();
    expect(given.ended).toEqual([]);
  });
});
