import { describe, expect, it } from 'vitest';
import { bars, describeBars } from '#lib/features/pipelines/bars.ts';
import {
  inMotion,
  matchesFilter,
  stageProgress,
  upsertExecution,
  upsertRecent,
  waitingForYou,
} from '#lib/features/pipelines/home-view.ts';
import { aPipeline, aSummary, at, instant } from './factories.ts';

describe('upsertExecution', () => {
  it('puts a new execution in front', () => {
    const pipelines = [aPipeline({ recent: [aSummary({ id: 'a', number: 1 })] })];
    const next = upsertExecution(pipelines, aSummary({ id: 'b', number: 2 }));
    expect(next?.[0]?.recent.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('replaces a known one in its place', () => {
    const pipelines = [aPipeline({ recent: [aSummary({ id: 'b', number: 2 }), aSummary({ id: 'a', number: 1 })] })];
    const next = upsertExecution(pipelines, aSummary({ id: 'a', number: 1, status: 'Failed' }));
    expect(next?.[0]?.recent.map(({ status }) => status)).toEqual(['InProgress', 'Failed']);
  });

  it('says when it does not know the pipeline', () => {
    expect(upsertExecution([aPipeline()], aSummary({ pipeline: 'new' }))).toBeUndefined();
  });

  it('leaves other pipelines as they are', () => {
    const other = aPipeline({ name: 'other' });
    expect(upsertExecution([other, aPipeline()], aSummary())?.[0]).toBe(other);
  });
});

describe('upsertRecent', () => {
  it('brings back one that had failed, because it may be retried', () => {
    const failed = [aSummary({ status: 'Failed', endedAt: at(10) })];
    expect(upsertRecent(failed, aSummary({ status: 'InProgress' }))[0]?.status).toBe('InProgress');
  });

  it('does not bring an ended execution back to life', () => {
    const ended = [aSummary({ status: 'Succeeded', endedAt: at(10) })];
    expect(upsertRecent(ended, aSummary({ status: 'InProgress' }))).toEqual(ended);
  });
});

describe('home', () => {
  const asked = aSummary({ id: 'asked', number: 3, attention: 'Approval' });
  const running = aSummary({ id: 'running', number: 4, stage: 'Build' });
  const ended = aSummary({ id: 'ended', number: 2, status: 'Succeeded', attention: 'Approval' });
  const pipelines = [aPipeline({ recent: [running, asked, ended] })];

  it('shows as waiting what asks a person and is alive', () => {
    expect(waitingForYou(pipelines).map(({ id }) => id)).toEqual(['asked']);
  });

  it('shows as in motion what is alive and asks nobody', () => {
    expect(inMotion(pipelines).map(({ execution }) => execution.id)).toEqual(['running']);
  });

  it('shows how far an execution has come', () => {
    expect(stageProgress(['Source', 'Build', 'Release'], running).map(({ state }) => state)).toEqual([
      'past',
      'here',
      'ahead',
    ]);
  });

  it('claims nothing about a stage that the pipeline no longer has', () => {
    expect(stageProgress(['Source', 'Release'], running).map(({ state }) => state)).toEqual(['ahead', 'ahead']);
  });

  it('filters by every word', () => {
    expect(matchesFilter({ name: 'web-shop' }, 'shop WEB')).toBe(true);
    expect(matchesFilter({ name: 'web-shop' }, 'web api')).toBe(false);
  });
});

describe('bars', () => {
  it('run from old to new, the longest being the tallest', () => {
    const recent = [
      aSummary({ id: 'new', status: 'Succeeded', endedAt: at(100) }),
      aSummary({ id: 'old', status: 'Failed', endedAt: at(25) }),
    ];
    const drawn = bars(recent, instant(0));
    expect(drawn.map(({ execution }) => execution.id)).toEqual(['old', 'new']);
    expect(drawn[1]?.height).toBe(1);
    expect(drawn[0]?.height).toBeLessThan(0.7);
  });

  it('are not flattened by one that waits for days', () => {
    const recent = [aSummary({ id: 'waits' }), aSummary({ id: 'done', status: 'Succeeded', endedAt: at(60) })];
    expect(bars(recent, instant(86_400)).find(({ execution }) => execution.id === 'done')?.height).toBe(1);
  });

  it('have words', () => {
    const recent = [
      aSummary({ status: 'Failed' }),
      aSummary({ status: 'Succeeded' }),
      aSummary({ status: 'Succeeded' }),
    ];
    expect(describeBars(recent)).toBe('Last 3 executions: 1 Failed, 2 Succeeded');
  });
});
