import { describe, expect, it } from 'vitest';
import { executionView } from '../../../worker/engine/view.ts';
import { brokenInvariants } from '../../../worker/engine/invariants.ts';
import { EVENT_VERSION } from '../../../worker/engine/upcast.ts';
import { type EventLog, recordedLogs, replay, wake } from '../../support/event-log.ts';
import { stories } from '../../support/event-log-stories.ts';
import { everyEvent } from '../../support/every-event.ts';

const logs = recordedLogs();

/** Later versions may show more of an execution, but nothing that was shown otherwise. */
function expectView(log: EventLog, state: ReturnType<typeof wake>): void {
  expect(state === undefined ? undefined : executionView(state)).toMatchObject(log.view as object);
}

describe.each([...logs])('what was stored in %s', (path, log) => {
  it('is still what it was, from its first event and from its snapshot', () => {
    expect(path).toBe(`v${log.version}/${log.story}.json`);
    expectView(log, replay(log));
    expectView(log, wake(log));
    expect(brokenInvariants(replay(log)!)).toEqual([]);
  });
});

describe('the recorded event logs', () => {
  it('hold every event there is', () => {
    const stored = new Set(
      [...logs.values()].flatMap(({ turns }) => turns.flatMap(({ events }) => events)).map(({ type }) => type),
    );
    expect(everyEvent.filter((type) => !stored.has(type as never))).toEqual([]);
  });

  it('hold a snapshot, and all stories of this version', () => {
    expect([...logs.values()].some(({ turns }) => turns.some(({ snapshot }) => snapshot !== undefined))).toBe(true);
    for (const story of Object.keys(stories)) {
      expect(logs.has(`v${EVENT_VERSION}/${story}.json`), `npm run record: ${story}`).toBe(true);
    }
  });

  it('are of stories that can still be told', () => {
    for (const [story, tell] of Object.entries(stories)) expect(tell().log(story).turns.length).toBeGreaterThan(0);
  });

  it('would show an event that is read differently', () => {
    const log = logs.get('v1/superseded.json')!;
    const turns = log.turns.map((turn) => ({
      ...turn,
      events: turn.events.filter(({ type }) => type !== 'StageSucceeded'),
    }));
    expect(() => expectView(log, replay({ ...log, turns }))).toThrow();
  });
});
