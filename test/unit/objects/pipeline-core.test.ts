import { describe, expect, it } from 'vitest';
import type { ExecutionId, PipelineId, TenantId } from '../../../worker/engine/ids.ts';
import type { Position } from '../../../worker/engine/position.ts';
import { silentLog } from '../../../worker/kernel/log.ts';
import type { ExecutionPeer } from '../../../worker/objects/peers.ts';
import { PipelineCore } from '../../../worker/objects/pipeline/pipeline-core.ts';
import { emptyPipeline, pipelineStore } from '../../simulation/stores.ts';
import { anAction, aPlan, T0 } from '../../support/factories.ts';

const one = 'e1' as ExecutionId;

/** A pipeline's core alone: what it tells executions is written down, and each answers with a position of ours. */
class GivenCore {
  readonly told: string[] = [];
  readonly core: PipelineCore;
  position: Position = { step: 0, kind: 'In', stage: 0 };
  #image = emptyPipeline();

  constructor() {
    const tell = (what: string) => (): Promise<void> => {
      this.told.push(what);
      return Promise.resolve();
    };
    const executions: ExecutionPeer = {
      begin: tell('begin'),
      admit: () => {
        this.told.push('admit');
        return Promise.resolve(this.position);
      },
      yield: () => Promise.resolve(this.position),
      supersede: tell('supersede'),
      stop: tell('stop'),
      cancel: tell('cancel'),
      refuse: tell('refuse'),
      report: tell('report'),
      target: () => Promise.resolve(undefined),
    };
    this.core = new PipelineCore({
      durable: {
        transact: (body) => body(),
        flush: () => Promise.resolve(),
        setAlarm: () => undefined,
        clearAlarm: () => undefined,
      },
      store: pipelineStore(() => this.#image),
      clock: { now: () => T0 },
      log: silentLog,
      armedAt: undefined,
      later: () => undefined,
      executions,
      index: { publishPipeline: () => Promise.resolve(), publishSummary: tell('summary') },
      // It has no schedules.
      newExecutionId: () => '' as ExecutionId,
      scheduleGate: () => Promise.resolve(),
      onChange: () => undefined,
      onBegun: () => undefined,
    });
    this.save(1);
  }

  save(version: number, onUpdate: 'cancel' | 'continue' = 'continue'): void {
    this.core.save({
      tenant: 't' as TenantId,
      id: 'p' as PipelineId,
      name: 'p',
      mode: 'SUPERSEDED',
      createdBy: 'ada',
      digest: `${version}`,
      variables: [],
      plan: aPlan({ A: [anAction('a')], B: [anAction('b')] }),
      document: '{}',
      onUpdate,
    });
  }

  start(id: ExecutionId): void {
    const trigger = { type: 'StartPipelineExecution', by: 'ada' };
    this.core.start({ id, variables: {}, revisions: {}, trigger, fingerprint: id });
  }
}

const returning: Position = {
  step: 3,
  kind: 'Returning',
  stage: 1,
  number: 1,
  epoch: 1,
  start: { version: 1, trigger: { type: 'StartPipelineExecution', by: 'ada' }, variables: {}, revisions: {}, at: T0 },
};
const ended = (step: number): Position => ({
  step,
  kind: 'Ended',
  status: 'Failed',
  entered: [0, 1],
  succeeded: [0],
});

describe('an execution that comes back', () => {
  it('is let in, and what it was told is confirmed', async () => {
    const given = new GivenCore();
    given.start(one);
    await given.core.settled();
    given.core.report(one, ended(2));
    given.position = { step: 4, kind: 'In', stage: 1 };
    expect(given.core.report(one, returning)).toEqual({ kind: 'Grant', grant: { epoch: 2, through: 1 } });
    await given.core.settled();
    expect(given.core.rows).toMatchObject([{ live: { id: one, at: 1, step: 4, waiting: false } }]);
  });

  it('leaves no trace when the question turns out to be hours old and it has ended again', async () => {
    const given = new GivenCore();
    given.start(one);
    await given.core.settled();
    given.core.report(one, ended(2));
    given.position = ended(6);
    given.core.report(one, returning);
    await given.core.settled();
    expect(given.core.rows).toEqual([]);
  });

  it('is let in although its end got lost, which is part of what it says', async () => {
    const given = new GivenCore();
    given.start(one);
    await given.core.settled();
    given.position = { step: 6, kind: 'In', stage: 1 };
    const end = { status: 'Failed', entered: [0, 1], succeeded: [0] } as const;
    const asking = { ...returning, step: 5, epoch: 1_000_001, end };
    expect(given.core.report(one, asking)).toEqual({ kind: 'Grant', grant: { epoch: 1_000_002, through: 1 } });
    expect(given.core.head).toMatchObject({ entered: { A: 1, B: 1 }, lastGood: { A: { id: one } } });
    await given.core.settled();
    expect(given.core.rows).toMatchObject([{ live: { id: one, at: 1, step: 6, waiting: false } }]);
  });

  it('is refused once a newer one has been in the stage', async () => {
    const given = new GivenCore();
    for (const id of [one, 'e2' as ExecutionId]) {
      given.start(id);
      await given.core.settled();
      given.core.report(id, ended(2));
    }
    expect(given.core.report(one, returning)).toMatchObject({ kind: 'Refused' });
    expect(given.core.rows).toEqual([]);
  });
});

describe('a change that cancels', () => {
  it('lets an execution begin that was admitted but has not heard of it, or its end would be lost', async () => {
    const given = new GivenCore();
    given.start(one);
    given.save(2, 'cancel');
    await given.core.settled();
    expect(given.told).toContain('begin');
    expect(given.told.indexOf('begin')).toBeLessThan(given.told.indexOf('cancel'));
  });

  it('ends what was never admitted by itself', async () => {
    const given = new GivenCore();
    given.start(one);
    given.start('e2' as ExecutionId);
    given.save(2, 'cancel');
    await given.core.settled();
    expect(given.told).toContain('summary');
    expect(given.core.rows.map(({ live }) => live.id)).toEqual([one]);
  });
});

describe('a closed transition', () => {
  it('is reported only when whoever might come through has confirmed', async () => {
    const given = new GivenCore();
    given.start(one);
    await given.core.settled();
    given.core.setTransition('B', { enabled: false, by: 'ada', reason: 'freeze' });
    expect(given.core.unconfirmed).toEqual([one]);
    await given.core.settled();
    expect(given.core.unconfirmed).toEqual([]);
    expect(given.core.rows[0]?.live.through).toBe(0);
  });
});
