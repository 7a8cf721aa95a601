import { expect, it } from 'vitest';
import { warningsOf } from '../../../worker/definition/warnings.ts';
import { definitionOf } from '../../support/definitions.ts';

function warnings(text: string): Record<string, string> {
  return Object.fromEntries(warningsOf(definitionOf(text)).map(({ path, message }) => [path, message]));
}

it('names what is saved but cannot be carried out', () => {
  expect(
    warnings(`
name: p
triggers: [{ source: Repo }]
stages:
  - name: Source
    actions:
      - name: Repo
        type: Source/GitHub
        configuration: { Owner: o, Repo: r, Branch: b, OAuthToken: t, Colour: red }
        outputs: [code]
      - { name: Scan, type: Test/Custom/Scanner@1, configuration: { Any: thing } }
      - { name: Build, commands: [x], secrets: { TOKEN: npm, AWS: "secretsmanager:npm" } }
    onSuccess:
      rules: [{ name: alarm, type: Rule/CloudWatchAlarm, configuration: { AlarmName: a } }]
      otherwise: FAIL
`),
  ).toEqual({
    'stages[0].actions[0].type': expect.stringContaining('Source/GitHub'),
    'stages[0].actions[0].configuration.Colour': expect.stringContaining('check its spelling'),
    'stages[0].actions[1].type': expect.stringContaining('the action would fail'),
    'stages[0].actions[2].secrets.AWS': expect.stringContaining('reads secrets of AWS'),
    'stages[0].onSuccess.rules[0].type': expect.stringContaining('the rule would fail'),
    'triggers[0].source': expect.stringContaining('names no connection'),
  });
});

it('has nothing to say about what runs here', () => {
  expect(warnings('name: p\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]')).toEqual({});
  const nightly = 'triggers: [{ schedule: { name: nightly, cron: "0 2 * * *" } }]';
  expect(warnings(`name: p\n${nightly}\nstages: [{ name: S, actions: [{ name: a, commands: [x] }] }]`)).toEqual({});
});

it('warns of what whoever pushes could write into a script', () => {
  const source = '{ name: Source, actions: [{ name: Code, type: Source/Upload, outputs: [s], namespace: src }] }';
  const build = (command: string) =>
    `name: p\nvariables: [{ name: v, default: x }]\nstages: [${source}, { name: B, actions: [{ name: a, commands: [ok, ${command}] }] }]`;
  expect(warnings(build("'echo #{src.Summary}'"))).toEqual({
    'stages[1].actions[0].commands[1]': expect.stringContaining('put into the script as it is'),
  });
  // Whoever may start the pipeline may set its variables, and runs it anyway.
  expect(warnings(build("'echo #{variables.v}'"))).toEqual({});
});
