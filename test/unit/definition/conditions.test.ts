import { describe, expect, it } from 'vitest';
import { compile } from '../../../worker/definition/compile.ts';
import { definitionOf, problemsOf } from '../../support/definitions.ts';

/** Source, then a stage with the given members, then one more. */
function pipeline(members: string, top = ''): string {
  const lines = members
    .trim()
    .split('\n')
    .map((line) => `    ${line}`);
  return `name: p
${top}
variables: [{ name: target, default: staging }]
stages:
  - name: Source
    actions: [{ name: Checkout, type: Source/Upload, outputs: [source], namespace: src }]
  - name: Release
${lines.join('\n')}
    actions:
      - { name: Ship, commands: [x], outputs: [report], outputVariables: [URL], namespace: ship }
  - name: After
    actions: [{ name: Tell, commands: [x], outputs: [late], namespace: tell, outputVariables: [X] }]
`;
}

const RULE = '{ name: r, type: Rule/Soak, configuration: { Minutes: 5 } }';

describe('the conditions of a stage', () => {
  it('are compiled into rules that are addressed like actions', () => {
    const plan = compile(
      definitionOf(
        pipeline(`
beforeEntry:
  rules:
    - name: hours
      type: Rule/DeploymentWindow
      configuration: { Cron: "0 * 8-17 ? * MON-FRI *", TimeZone: Europe/Berlin }
    - { name: smoke, commands: [curl -f example.com], timeoutMinutes: 5, labels: [linux] }
  otherwise: WAIT
  waitMinutes: 30
onSuccess:
  rules: [{ name: checked, commands: [test -s x], inputs: [report] }]
  otherwise: FAIL
`),
      ),
    );
    const stage = plan.stages[1];
    expect(stage?.beforeEntry).toMatchObject({ otherwise: 'WAIT', waitMs: 30 * 60_000 });
    expect(stage?.beforeEntry?.rules).toMatchObject([
      { key: 'Release/beforeEntry~hours', type: 'Rule/DeploymentWindow', carrier: 'worker', timeoutMs: 600_000 },
      {
        key: 'Release/beforeEntry~smoke',
        type: 'Rule/Commands',
        carrier: 'runner',
        runOrder: 1,
        timeoutMs: 300_000,
        retry: { attemptsMax: 1 },
        labels: ['linux'],
      },
    ]);
    expect(stage?.onSuccess?.rules[0]).toMatchObject({ timeoutMs: 55 * 60_000, inputs: ['report'] });
    expect(plan.stages[0]).not.toHaveProperty('beforeEntry');
  });

  it('wait seven days if nothing else is said', () => {
    const plan = compile(definitionOf(pipeline(`beforeEntry: { rules: [${RULE}], otherwise: WAIT }`)));
    expect(plan.stages[1]?.beforeEntry?.waitMs).toBe(7 * 24 * 3600_000);
  });

  it('see what earlier stages put out, and after the stage also what it put out itself', () => {
    const check = (text: string): string =>
      `{ name: r, type: Rule/VariableCheck, configuration: { Variable: "${text}", Operator: EQ, Value: x } }`;
    expect(
      problemsOf(
        pipeline(`
beforeEntry: { rules: [${check('#{src.Summary}')}], otherwise: SKIP }
onSuccess: { rules: [${check('#{ship.URL}')}], otherwise: FAIL }
onFailure: { rules: [${check('#{ship.URL}')}], otherwise: ROLLBACK }
`),
      ),
    ).toEqual({});
    expect(problemsOf(pipeline(`beforeEntry: { rules: [${check('#{ship.URL}')}], otherwise: SKIP }`))).toEqual({
      'stages[1].beforeEntry.rules[0].configuration.Variable': expect.stringContaining(
        'does not run before this rule',
      ),
    });
    expect(problemsOf(pipeline(`onSuccess: { rules: [${check('#{tell.X}')}], otherwise: FAIL }`))).toEqual({
      'stages[1].onSuccess.rules[0].configuration.Variable': expect.stringContaining('does not run before this rule'),
    });
    expect(
      problemsOf(pipeline('beforeEntry: { rules: [{ name: r, commands: [x], inputs: [report] }], otherwise: FAIL }')),
    ).toEqual({ 'stages[1].beforeEntry.rules[0].inputs[0]': expect.stringContaining('does not run before') });
  });

  it.each([
    [
      'a rule that does not exist',
      'beforeEntry: { rules: [{ name: r, type: Rule/Moon }], otherwise: FAIL }',
      'stages[1].beforeEntry.rules[0].type',
      /no rule type "Rule\/Moon". Known: Rule\/DeploymentWindow/,
    ],
    [
      'an action as a rule',
      'beforeEntry: { rules: [{ name: r, type: Approval/Manual }], otherwise: FAIL }',
      'stages[1].beforeEntry.rules[0].type',
      /is an action/,
    ],
    [
      'two rules of one name',
      `onSuccess: { rules: [${RULE}, ${RULE}], otherwise: FAIL }`,
      'stages[1].onSuccess.rules[1].name',
      /used twice/,
    ],
    [
      'an expression that is none',
      'beforeEntry: { rules: [{ name: r, type: Rule/DeploymentWindow, configuration: { Cron: "0 99 * * * ?" } }], otherwise: FAIL }',
      'stages[1].beforeEntry.rules[0].configuration.Cron',
      /minute "99"/,
    ],
    [
      'a time zone that is none',
      'beforeEntry: { rules: [{ name: r, type: Rule/DeploymentWindow, configuration: { Cron: "0 0 8 * * ?", TimeZone: Mars/Base } }], otherwise: FAIL }',
      'stages[1].beforeEntry.rules[0].configuration.TimeZone',
      /time zone/,
    ],
    [
      'waiting after the stage',
      `onSuccess: { rules: [${RULE}], otherwise: WAIT }`,
      'stages[1].onSuccess.otherwise',
      /expected one of "FAIL"\|"ROLLBACK"/,
    ],
    [
      'minutes to wait where nothing waits',
      `beforeEntry: { rules: [${RULE}], otherwise: FAIL, waitMinutes: 5 }`,
      'stages[1].beforeEntry.waitMinutes',
      /WAIT/,
    ],
    [
      'a condition without rules',
      'onSuccess: { rules: [], otherwise: FAIL }',
      'stages[1].onSuccess.rules',
      /at least one rule/,
    ],
    ['rules without a result', `onFailure: { rules: [${RULE}] }`, 'stages[1].onFailure.otherwise', /is missing/],
    ['a result without rules', 'onFailure: { otherwise: RETRY }', 'stages[1].onFailure.otherwise', /goes with rules/],
    ['a failure without anything', 'onFailure: {}', 'stages[1].onFailure', /says nothing/],
    [
      'a misspelt member of a failure',
      'onFailure: { retries: FAILED_ACTIONS }',
      'stages[1].onFailure.retries',
      /not a member/,
    ],
    ['a failure that is neither', 'onFailure: 5', 'stages[1].onFailure', /must be ROLLBACK or a map/],
    [
      'a failure code that does not exist',
      'onFailure: { retry: { mode: ALL_ACTIONS, on: [BadLuck] } }',
      'stages[1].onFailure.retry.on[0]',
      /"JobFailed"/,
    ],
  ])('refuse %s', (_, members, path, message) => {
    expect(problemsOf(pipeline(members))[path]).toMatch(message);
  });
});

describe('what follows a failure', () => {
  const onFailure = (members: string) =>
    compile(definitionOf(pipeline(`onFailure: ${members}`))).stages[1]?.onFailure;

  it('is a retry, as CodePipeline has it', () => {
    expect(onFailure('{ retry: FAILED_ACTIONS }')).toEqual({
      retry: { mode: 'FAILED_ACTIONS', retriesMax: 1, backoffMs: 0, on: [] },
      rollback: false,
    });
  });

  it('is as many retries as wanted, for the failures that are named', () => {
    expect(
      onFailure(
        '{ retry: { mode: ALL_ACTIONS, attempts: 4, backoffSeconds: 30, on: [TimedOut] }, result: ROLLBACK }',
      ),
    ).toEqual({
      retry: { mode: 'ALL_ACTIONS', retriesMax: 3, backoffMs: 30_000, on: ['TimedOut'] },
      rollback: true,
    });
  });

  it('is a rollback in one word', () => {
    expect(onFailure('ROLLBACK')).toEqual({ rollback: true });
  });

  it('is what its rules say', () => {
    expect(onFailure(`{ rules: [${RULE}], otherwise: RETRY }`)).toMatchObject({
      condition: { otherwise: 'RETRY', rules: [{ key: 'Release/onFailure~r' }] },
      rollback: false,
    });
  });

  it('is no rollback in a parallel pipeline', () => {
    expect(problemsOf(pipeline('onFailure: ROLLBACK', 'mode: PARALLEL'))).toEqual({
      'stages[1].onFailure.result': expect.stringContaining('PARALLEL'),
    });
    expect(problemsOf(pipeline(`onSuccess: { rules: [${RULE}], otherwise: ROLLBACK }`, 'mode: PARALLEL'))).toEqual({
      'stages[1].onSuccess.otherwise': expect.stringContaining('PARALLEL'),
    });
  });

  it('is no rollback of the first stage, nor of one with sources', () => {
    const stage = (name: string): string =>
      `  - { name: ${name}, onFailure: ROLLBACK, actions: [{ name: a, type: Source/Upload, outputs: [${name}] }] }\n`;
    expect(problemsOf(`name: p\nstages:\n${stage('one')}${stage('two')}`)).toEqual({
      'stages[0].onFailure.result': expect.stringContaining('first stage'),
      'stages[1].onFailure.result': expect.stringContaining('source actions'),
    });
  });
});
