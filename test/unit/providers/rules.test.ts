import { describe, expect, it } from 'vitest';
import type { Freeze } from '../../../worker/calendar/freeze.ts';
import type { Progress, ProviderRun } from '../../../worker/providers/provider.ts';
import { providerRegistry } from '../../../worker/providers/registry.ts';
import { aRun, FakeWorld } from '../../support/provider-world.ts';

const MINUTE = 60_000;

/** What a rule says in a world that the test has arranged. */
async function verdict(
  type: string,
  configuration: Readonly<Record<string, string>>,
  arrange: (world: FakeWorld) => void = () => undefined,
  overrides: Partial<ProviderRun> = {},
): Promise<Progress> {
  const world = new FakeWorld();
  arrange(world);
  const provider = providerRegistry(world).get(type);
  if (provider === undefined) throw new Error(type);
  return provider.start(aRun(type, { configuration, ...overrides }));
}

describe('Rule/DeploymentWindow', () => {
  const office = { Cron: '0 * 8-17 ? * MON-FRI *', TimeZone: 'Europe/Berlin' };
  const at = (text: string) => (world: FakeWorld) => {
    world.now = Date.parse(text);
  };

  it('holds while the window is open', async () => {
    expect(await verdict('Rule/DeploymentWindow', office, at('2026-11-25T16:59:30Z'))).toMatchObject({
      kind: 'Succeeded',
    });
  });

  it('says when it opens', async () => {
    expect(await verdict('Rule/DeploymentWindow', office, at('2026-11-27T17:00:00Z'))).toEqual({
      kind: 'Failed',
      code: 'ConditionUnmet',
      message: 'The deployment window "0 * 8-17 ? * MON-FRI *" (Europe/Berlin) opens at 2026-11-30T07:00Z.',
      checkAfterMs: 62 * 60 * MINUTE,
    });
  });

  it('is in UTC when nothing else is said', async () => {
    const utc = { Cron: office.Cron };
    expect(await verdict('Rule/DeploymentWindow', utc, at('2026-11-25T17:30:00Z'))).toMatchObject({
      kind: 'Succeeded',
    });
  });

  it('that never opens again cannot say when', async () => {
    const past = { Cron: '0 0 12 ? * MON 2025' };
    const progress = await verdict('Rule/DeploymentWindow', past);
    expect(progress).toMatchObject({ code: 'ConditionUnmet', message: expect.stringContaining('never opens again') });
    expect(progress).not.toHaveProperty('checkAfterMs');
  });
});

describe('Rule/VariableCheck', () => {
  it.each([
    ['main', 'EQ', 'main', true],
    ['main', 'EQ', 'Main', false],
    ['main', 'NE', 'dev', true],
    ['main', 'NE', 'main', false],
    ['release/1.2', 'CONTAINS', 'release/', true],
    ['main', 'CONTAINS', 'release/', false],
    ['main', 'CONTAINS', '', true],
    ['v1.2.3', 'MATCHES', 'v\\d+\\.\\d+\\.\\d+', true],
    ['v1.2.3-rc1', 'MATCHES', 'v\\d+\\.\\d+\\.\\d+', false],
    ['MAIN', 'MATCHES', '(?i)main|trunk', true],
    ['', 'MATCHES', '', true],
  ])('"%s" %s "%s": %s', async (Variable, Operator, Value, holds) => {
    const progress = await verdict('Rule/VariableCheck', { Variable, Operator, Value });
    expect(progress).toMatchObject(holds ? { kind: 'Succeeded' } : { code: 'ConditionUnmet' });
  });

  it('an expression that would keep a backtracking engine busy for ever takes no time', async () => {
    const configuration = {
      Variable: `${'a'.repeat(20_000)}!`,
      Operator: 'MATCHES',
      Value: '(a+)+(a|aa)+([a-z]*)*b',
    };
    expect(await verdict('Rule/VariableCheck', configuration)).toMatchObject({ code: 'ConditionUnmet' });
  });

  it('an expression that would unfold to millions of states is refused', async () => {
    const configuration = { Variable: 'a', Operator: 'MATCHES', Value: '((a{1000}){1000}){1000}' };
    expect(await verdict('Rule/VariableCheck', configuration)).toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('Rule/Soak', () => {
  const ended = Date.UTC(2026, 10, 25, 11, 45, 0);

  it('waits for exactly as long as is missing', async () => {
    const progress = await verdict('Rule/Soak', { Minutes: '30' }, undefined, { previousStageEndedAt: ended });
    expect(progress).toMatchObject({ code: 'ConditionUnmet', checkAfterMs: 15 * MINUTE });
  });

  it('holds from then on', async () => {
    const then = (world: FakeWorld): void => {
      world.now = ended + 30 * MINUTE;
    };
    const progress = await verdict('Rule/Soak', { Minutes: '30' }, then, { previousStageEndedAt: ended });
    expect(progress).toMatchObject({ kind: 'Succeeded' });
  });

  it('holds where no stage ran before', async () => {
    expect(await verdict('Rule/Soak', { Minutes: '30' })).toMatchObject({ kind: 'Succeeded' });
  });
});

describe('Rule/Freeze', () => {
  const now = Date.UTC(2026, 10, 25, 12, 0, 0);
  const freeze = (to: number, overrides: Partial<Freeze> = {}): Freeze => ({
    id: 'f1',
    name: 'Black Friday',
    calendar: 'default',
    scope: { pipelines: ['web-*'], stages: [] },
    when: { kind: 'once', from: now, to },
    ...overrides,
  });
  const calendar =
    (...freezes: Freeze[]) =>
    (world: FakeWorld): void => {
      world.calendar = freezes;
    };

  it('does not hold while a freeze lasts, and looks again soon', async () => {
    expect(await verdict('Rule/Freeze', {}, calendar(freeze(now + 60 * MINUTE)))).toEqual({
      kind: 'Failed',
      code: 'ConditionUnmet',
      message: 'Held by the freeze "Black Friday" until 2026-11-25T13:00Z.',
      checkAfterMs: 5 * MINUTE,
    });
  });

  it('looks again at the end, if that is sooner', async () => {
    const progress = await verdict('Rule/Freeze', {}, calendar(freeze(now + 2 * MINUTE)));
    expect(progress).toMatchObject({ checkAfterMs: 2 * MINUTE });
  });

  it.each([
    ['an empty calendar', {}, []],
    ['another pipeline', {}, [freeze(now + MINUTE, { scope: { pipelines: ['api'], stages: [] } })]],
    ['another calendar', { Calendar: 'default' }, [freeze(now + MINUTE, { calendar: 'finance' })]],
    ['one that is over', {}, [freeze(now)]],
  ])('holds in spite of %s', async (_, configuration, freezes) => {
    expect(await verdict('Rule/Freeze', configuration, calendar(...freezes))).toMatchObject({ kind: 'Succeeded' });
  });
});
