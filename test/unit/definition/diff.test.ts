import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffDefinitions } from '../../../worker/definition/diff.ts';
import { definitionOf } from '../../support/definitions.ts';

const ACTIONS = {
  Unit: '{ name: Unit, commands: [npm test] }',
  Lint: '{ name: Lint, commands: [npm run lint] }',
};

function pipeline(...stages: readonly string[]): string {
  return `name: p\nstages:\n${stages.map((stage) => `  - ${stage}\n`).join('')}`;
}

function stage(name: string, ...actions: readonly string[]): string {
  return `{ name: ${name}, actions: [${actions.join(', ')}] }`;
}

function diff(before: string, after: string) {
  return diffDefinitions(definitionOf(before), definitionOf(after));
}

const [A, B, C] = ['A', 'B', 'C'].map((name) => stage(name, ACTIONS.Unit)) as [string, string, string];

describe('the difference of two definitions', () => {
  it('is nothing when only the writing is different', () => {
    expect(diff(pipeline(A), `stages: [${A}]\nname: p\nmode: SUPERSEDED\n`)).toEqual([]);
  });

  it('names members with what they were and are', () => {
    const after = pipeline(
      '{ name: A, actions: [{ name: Unit, commands: [npm ci, npm test], environment: { CI: 1 }, runOrder: 2 }] }',
    );
    expect(diff(pipeline(A), `${after}mode: QUEUED\n`)).toEqual([
      { kind: 'changed', what: 'member', path: 'mode', before: 'SUPERSEDED', after: 'QUEUED' },
      { kind: 'changed', what: 'member', path: 'stages[0].actions[0].runOrder', before: 1, after: 2 },
      {
        kind: 'changed',
        what: 'member',
        path: 'stages[0].actions[0].commands',
        before: ['npm test'],
        after: ['npm ci', 'npm test'],
      },
      { kind: 'added', what: 'member', path: 'stages[0].actions[0].environment.CI', after: '1' },
    ]);
  });

  it('finds stages and actions that came and went', () => {
    const changes = diff(pipeline(stage('A', ACTIONS.Unit, ACTIONS.Lint), B), pipeline(stage('A', ACTIONS.Unit), C));
    expect(changes).toMatchObject([
      { kind: 'removed', what: 'stage', name: 'B', path: 'stages[1]' },
      { kind: 'removed', what: 'action', name: 'Lint', path: 'stages[0].actions[1]' },
      { kind: 'added', what: 'stage', name: 'C', path: 'stages[1]', after: { name: 'C' } },
    ]);
  });

  it('calls the fewest stages moved', () => {
    expect(diff(pipeline(A, B, C), pipeline(C, A, B))).toEqual([
      { kind: 'moved', what: 'stage', name: 'C', path: 'stages[0]', from: 'stages[2]' },
    ]);
    expect(diff(pipeline(A, B), pipeline(C, A, B)).map(({ kind, name }) => [kind, name])).toEqual([['added', 'C']]);
  });

  it('follows an action into another stage', () => {
    const moved = '{ name: Lint, commands: [npm run lint:all] }';
    expect(
      diff(pipeline(stage('A', ACTIONS.Unit, ACTIONS.Lint), B), pipeline(A, stage('B', ACTIONS.Unit, moved))),
    ).toEqual([
      { kind: 'moved', what: 'action', name: 'Lint', path: 'stages[1].actions[1]', from: 'stages[0].actions[1]' },
      {
        kind: 'changed',
        what: 'member',
        path: 'stages[1].actions[1].commands',
        before: ['npm run lint'],
        after: ['npm run lint:all'],
      },
    ]);
  });

  it('does not mind the order of actions in a stage', () => {
    expect(
      diff(pipeline(stage('A', ACTIONS.Unit, ACTIONS.Lint)), pipeline(stage('A', ACTIONS.Lint, ACTIONS.Unit))),
    ).toEqual([]);
  });

  it('looks into conditions and triggers by name', () => {
    const text = (minutes: number, cron: string): string =>
      `${pipeline(`{ name: A, beforeEntry: { rules: [{ name: r, type: Rule/Soak, configuration: { Minutes: ${minutes} } }], otherwise: FAIL }, actions: [${ACTIONS.Unit}] }`)}triggers: [{ schedule: { name: nightly, cron: "${cron}" } }]\n`;
    expect(
      diff(text(1, '0 1 * * *'), text(2, '0 2 * * *')).map(({ path, before, after }) => [path, before, after]),
    ).toEqual([
      ['triggers[0].schedule.cron', '0 1 * * *', '0 2 * * *'],
      ['stages[0].beforeEntry.rules[0].configuration.Minutes', '1', '2'],
    ]);
    expect(diff(pipeline(A), `${pipeline(A)}triggers: [{ schedule: { name: n, cron: "0 1 * * *" } }]`)).toMatchObject(
      [{ kind: 'added', what: 'trigger', name: 'n', path: 'triggers[0]' }],
    );
  });

  it('is empty exactly when nothing differs, whatever the order of stages', () => {
    const names = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'), { minLength: 1 });
    fc.assert(
      fc.property(names, names, (before, after) => {
        const [one, other] = [before, after].map((list) =>
          pipeline(...list.map((name) => stage(name, ACTIONS.Unit))),
        );
        const changes = diff(one ?? '', other ?? '');
        expect(changes.length === 0).toBe(before.join() === after.join());
        expect(changes.filter(({ kind }) => kind === 'added').map(({ name }) => name)).toEqual(
          after.filter((name) => !before.includes(name)),
        );
        // What is left of either list when all that is named is taken out stands in the same order.
        const named = changes.map(({ name }) => name);
        const rest = (list: readonly string[]): readonly string[] => list.filter((name) => !named.includes(name));
        expect(rest(before)).toEqual(rest(after));
      }),
    );
  });
});
