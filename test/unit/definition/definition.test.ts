import { describe, expect, it } from 'vitest';
import { compile } from '../../../worker/definition/compile.ts';
import { parseDefinition, parseDefinitionText } from '../../../worker/definition/parse.ts';

const GOOD = `
name: web-shop
variables:
  - { name: target, default: staging }
stages:
  - name: Source
    actions:
      - { name: Checkout, type: Source/Upload, outputs: [source], namespace: src }
  - name: Build
    actions:
      - name: Unit
        inputs: [source]
        commands: [npm test]
        timeoutMinutes: 20
        retry: { attempts: 3, backoffSeconds: 5 }
      - name: Package
        runOrder: 2
        inputs: [source]
        commands: [npm run build]
        environment: { TARGET: "#{variables.target}", PORT: 8080 }
        outputs: [{ name: app, files: ["dist/**"] }]
        outputVariables: [VERSION]
        namespace: pkg
  - name: Release
    actions:
      - { name: SignOff, type: Approval/Manual, configuration: { CustomData: "Version #{pkg.VERSION}" } }
      - { name: Ship, runOrder: 2, inputs: [app], commands: [./deploy.sh] }
`;

function problems(text: string): Record<string, string> {
  const parsed = parseDefinitionText(text);
  if (parsed.ok) return {};
  return Object.fromEntries(parsed.problems.map(({ path, message }) => [path, message]));
}

function stage(actions: string): string {
  return `name: p\nstages:\n  - name: S\n    actions:\n${actions
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')}`;
}

describe('a definition', () => {
  it('is read from YAML', () => {
    expect(problems(GOOD)).toEqual({});
  });

  it('is read from JSON, with the same result', () => {
    const parsed = parseDefinitionText(GOOD);
    if (!parsed.ok) throw new Error('not ok');
    expect(parseDefinition(JSON.parse(JSON.stringify(parsed.definition)))).toEqual(parsed);
    expect(parseDefinitionText(JSON.stringify(parsed.definition))).toEqual(parsed);
  });

  it('says where the YAML is broken', () => {
    expect(problems('name: [')['']).toMatch(/line 1/);
  });

  it('refuses a YAML bomb', () => {
    const names = 'abcdefghi';
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < names.length; level += 1) {
      const aliases = Array.from({ length: 9 }, () => `*${names.charAt(level - 1)}`).join(',');
      bomb.push(`${names.charAt(level)}: &${names.charAt(level)} [${aliases}]`);
    }
    expect(problems(bomb.join('\n'))['']).toMatch(/alias/i);
  });
});

describe('a wrong definition', () => {
  it('gets all its problems at once, each with its place', () => {
    const found = problems(`
name: "bad name"
stages:
  - name: S
    actions:
      - { name: a, commands: [x], runorder: 2 }
      - { name: b, commands: [] }
  - name: T
    actions: []
`);
    expect(Object.keys(found).sort()).toEqual([
      'name',
      'stages[0].actions[0].runorder',
      'stages[0].actions[1].commands',
      'stages[1].actions',
    ]);
    expect(found['stages[0].actions[0].runorder']).toMatch(/not a member/);
  });

  it('names what is missing', () => {
    expect(problems('name: p')).toEqual({ stages: 'is missing.' });
  });

  it.each([
    [
      'an unknown action type',
      '- { name: a, type: Build/Nothing }',
      'stages[0].actions[0].type',
      /no action type "Build\/Nothing"/,
    ],
    ['neither type nor commands', '- { name: a }', 'stages[0].actions[0]', /needs a type/],
    [
      'commands that its type does not run',
      '- { name: a, type: Approval/Manual, commands: [x] }',
      'stages[0].actions[0].commands',
      /does not run on a runner/,
    ],
    [
      'an identity for what is not a job',
      '- { name: a, type: Approval/Manual, identity: true }',
      'stages[0].actions[0].identity',
      /does not run on a runner/,
    ],
    [
      'a type without the commands it needs',
      '- { name: a, type: Test/Commands }',
      'stages[0].actions[0].commands',
      /needs commands/,
    ],
    [
      'an artifact that nobody puts out',
      '- { name: a, commands: [x], inputs: [app] }',
      'stages[0].actions[0].inputs[0]',
      /No action puts out/,
    ],
    [
      'an artifact of its own',
      '- { name: a, commands: [x], inputs: [app], outputs: [app] }',
      'stages[0].actions[0].inputs[0]',
      /this same action/,
    ],
    [
      'an unknown configuration property',
      '- { name: a, type: Approval/Manual, configuration: { Colour: red } }',
      'stages[0].actions[0].configuration.Colour',
      /no configuration property/,
    ],
    [
      'a missing configuration property',
      '- { name: a, type: Invoke/Delay }',
      'stages[0].actions[0].configuration.Seconds',
      /needs it/,
    ],
    [
      'a delay that is no number',
      '- { name: a, type: Invoke/Delay, configuration: { Seconds: soon } }',
      'stages[0].actions[0].configuration.Seconds',
      /number of seconds/,
    ],
    [
      'a source without its artifact',
      '- { name: a, type: Source/Upload }',
      'stages[0].actions[0].outputs',
      /exactly 1/,
    ],
    [
      'a reserved namespace',
      '- { name: a, commands: [x], namespace: variables }',
      'stages[0].actions[0].namespace',
      /reserved/,
    ],
    [
      'an undeclared pipeline variable',
      '- { name: a, commands: ["x #{variables.nope}"] }',
      'stages[0].actions[0].commands[0]',
      /declares no variable "nope"/,
    ],
    [
      'an unknown namespace',
      '- { name: a, commands: ["x #{b.C}"] }',
      'stages[0].actions[0].commands[0]',
      /no action has the namespace "b"/,
    ],
    [
      'retries of a person',
      '- { name: a, type: Approval/Manual, retry: { attempts: 2 } }',
      'stages[0].actions[0].retry',
      /asked once/,
    ],
    [
      'too long a timeout',
      '- { name: a, commands: [x], timeoutMinutes: 86400 }',
      'stages[0].actions[0].timeoutMinutes',
      /2880 minutes at most/,
    ],
  ])('refuses %s', (_, actions, path, message) => {
    expect(problems(stage(actions))[path]).toMatch(message);
  });

  it('refuses artifacts that go round in a circle', () => {
    const found = problems(
      stage(
        '- { name: a, commands: [x], inputs: [two], outputs: [one] }\n- { name: b, commands: [x], inputs: [one], outputs: [two] }',
      ),
    );
    expect(Object.keys(found)).toEqual(['stages[0].actions[0].inputs[0]', 'stages[0].actions[1].inputs[0]']);
  });

  it('refuses names that are used twice', () => {
    const found = problems(`
name: p
variables: [{ name: v }, { name: v }]
stages:
  - name: S
    actions: [{ name: a, commands: [x], outputs: [o] }, { name: a, commands: [x], outputs: [o] }]
  - name: S
    actions: [{ name: a, commands: [x] }]
`);
    expect(Object.keys(found).sort()).toEqual([
      'stages[0].actions[1].name',
      'stages[0].actions[1].outputs[0]',
      'stages[1].name',
      'variables[1].name',
    ]);
  });

  it('refuses an output variable that its producer does not declare', () => {
    expect(problems(GOOD.replace('#{pkg.VERSION}', '#{pkg.BUILD}'))).toEqual({
      'stages[2].actions[0].configuration.CustomData': expect.stringContaining('no output variable "BUILD"'),
    });
  });
});

describe('compiling', () => {
  const parsed = parseDefinitionText(GOOD);
  if (!parsed.ok) throw new Error('not ok');
  const plan = compile(parsed.definition);
  const action = (stage: number, index: number) => plan.stages[stage]?.actions[index];

  it('fills in defaults and turns durations into milliseconds', () => {
    expect(action(1, 0)).toMatchObject({
      key: 'Build/Unit',
      type: 'Compute/Commands',
      carrier: 'runner',
      timeoutMs: 1_200_000,
      retry: { attemptsMax: 3, backoffMs: 5_000 },
      pool: 'default',
    });
    expect(action(1, 1)?.environment).toEqual({ TARGET: '#{variables.target}', PORT: '8080' });
  });

  it('gives an identity to who asks for it', () => {
    const asking = parseDefinitionText(
      stage('- { name: a, commands: [x], identity: true }\n- { name: b, commands: [x], identity: false }'),
    );
    if (!asking.ok) throw new Error('not ok');
    expect(compile(asking.definition).stages[0]?.actions.map(({ identity }) => identity)).toEqual([true, undefined]);
  });

  it('holds lost work for a person behind an approval, and retries it before', () => {
    expect(action(1, 0)?.onRunnerLoss).toBe('retry');
    expect(action(2, 1)?.onRunnerLoss).toBe('hold');
  });

  it('holds a deployment wherever it stands', () => {
    const deploy = parseDefinitionText(stage('- { name: a, type: Deploy/Commands, commands: [x] }'));
    if (!deploy.ok) throw new Error('not ok');
    expect(compile(deploy.definition).stages[0]?.actions[0]?.onRunnerLoss).toBe('hold');
  });
});
