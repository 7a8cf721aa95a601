import { describe, expect, it } from 'vitest';
import { compile } from '../../../worker/definition/compile.ts';
import { definitionOf, problemsOf } from '../../support/definitions.ts';

function action(text: string): string {
  return `name: p
stages:
  - name: S
    actions:
      - ${text}
`;
}

function trigger(text: string): string {
  return `name: p
triggers: [${text}]
stages:
  - name: S
    actions: [{ name: Checkout, type: Source/Upload, outputs: [source] }, { name: Build, commands: [x] }]
`;
}

const at = 'stages[0].actions[0]';

describe('an approval', () => {
  it('says who must answer it', () => {
    const text = action('{ name: a, type: Approval/Manual, approvers: [ada@example.com, role:admin], approvals: 2 }');
    expect(compile(definitionOf(text)).stages[0]?.actions[0]?.approval).toEqual({
      approvers: ['ada@example.com', 'role:admin'],
      count: 2,
      self: true,
    });
  });

  it('is everybody’s if nothing is said', () => {
    const plan = compile(definitionOf(action('{ name: a, type: Approval/Manual }')));
    expect(plan.stages[0]?.actions[0]).not.toHaveProperty('approval');
  });

  it.each([
    [
      'more approvals than approvers',
      '{ name: a, type: Approval/Manual, approvers: [ada@example.com], approvals: 2 }',
      `${at}.approvals`,
      /only 1 may/,
    ],
    [
      'approvers of a build',
      '{ name: a, commands: [x], approvers: [role:admin] }',
      `${at}.approvers`,
      /Approval\/Manual/,
    ],
    [
      'an approver without a name',
      '{ name: a, type: Approval/Manual, approvers: [Ada] }',
      `${at}.approvers[0]`,
      /e-mail/,
    ],
    [
      'somebody twice',
      '{ name: a, type: Approval/Manual, approvers: [role:admin, role:admin] }',
      `${at}.approvers`,
      /twice/,
    ],
  ])('refuses %s', (_, text, path, message) => {
    expect(problemsOf(action(text))[path]).toMatch(message);
  });
});

describe('an action', () => {
  it('hands on where and as whom it works in AWS, and what it is retried for', () => {
    const text = action(
      '{ name: a, commands: [x], region: eu-central-1, roleArn: "arn:aws:iam::111122223333:role/deployer", retry: { attempts: 3, on: [TimedOut] } }',
    );
    expect(compile(definitionOf(text)).stages[0]?.actions[0]).toMatchObject({
      region: 'eu-central-1',
      roleArn: 'arn:aws:iam::111122223333:role/deployer',
      retry: { attemptsMax: 3, backoffMs: 5000, on: ['TimedOut'] },
    });
  });

  it('names its secrets, apart from its environment', () => {
    const plan = compile(definitionOf(action('{ name: a, commands: [x], secrets: { TOKEN: npm-token } }')));
    expect(plan.stages[0]?.actions[0]).toMatchObject({ environment: {}, secrets: { TOKEN: 'npm-token' } });
  });

  it('that a runner fetches with git has its secrets and its pool, and its own commands', () => {
    const git = 'name: a, type: Source/Git, configuration: { Url: "https://git.example.com/x.git" }, outputs: [s]';
    const plan = compile(definitionOf(action(`{ ${git}, secrets: { GIT_PASSWORD: git }, pool: inside }`)));
    expect(plan.stages[0]?.actions[0]).toMatchObject({
      carrier: 'runner',
      pool: 'inside',
      secrets: { GIT_PASSWORD: 'git' },
      outputVariables: ['CommitId', 'BranchName', 'CommitMessage', 'AuthorDate', 'CommitterDate'],
    });
    const problems = problemsOf(action(`{ ${git}, commands: [make] }`));
    expect(problems['stages[0].actions[0].commands']).toMatch(/has its own commands/);
  });

  it.each([
    ['Compute/AWS/Commands@1', 'Compute/Commands'],
    ['Compute/Commands', 'Compute/Commands'],
  ])('may name its type %s', (type, key) => {
    const plan = compile(definitionOf(action(`{ name: a, type: ${type}, commands: [x] }`)));
    expect(plan.stages[0]?.actions[0]).toMatchObject({ type: key, carrier: 'runner' });
  });

  it('may be of a custom type, which is held to its form alone', () => {
    const plan = compile(
      definitionOf(action('{ name: a, type: Test/Custom/Scanner@2, configuration: { Any: thing } }')),
    );
    expect(plan.stages[0]?.actions[0]).toMatchObject({ type: 'Test/Custom/Scanner@2', carrier: 'worker' });
  });

  it.each([
    ['a rule', '{ name: a, type: Rule/Soak, configuration: { Minutes: 1 } }', `${at}.type`, /is a rule/],
    ['a category that does not exist', '{ name: a, type: Bild/Commands }', `${at}.type`, /no category "Bild"/],
    ['a type without its form', '{ name: a, type: Commands }', `${at}.type`, /Category\/Provider/],
    [
      'a variable that is both',
      '{ name: a, commands: [x], environment: { T: x }, secrets: { T: y } }',
      `${at}.secrets.T`,
      /environment has T too/,
    ],
    ['a role that is none', '{ name: a, commands: [x], roleArn: admin }', `${at}.roleArn`, /ARN/],
    [
      'a list that is no JSON',
      '{ name: a, type: Invoke/Pipeline, configuration: { PipelineName: q, Variables: "a=b" } }',
      `${at}.configuration.Variables`,
      /JSON list of \{name, value\}/,
    ],
    [
      'half of a bucket',
      '{ name: a, type: Deploy/S3, configuration: { BucketName: b, Extract: "false" } }',
      `${at}.configuration.ObjectKey`,
      /where Extract is false/,
    ],
  ])('refuses %s', (_, text, path, message) => {
    expect(problemsOf(action(text))[path]).toMatch(message);
  });

  it('may have configuration of 64 KiB', () => {
    const text = 'x'.repeat(65_536);
    expect(problemsOf(action(`{ name: a, commands: [x], environment: { T: ${text} } }`))).toEqual({});
    expect(Object.keys(problemsOf(action(`{ name: a, commands: [x], environment: { T: ${text}x } }`)))).toEqual([
      `${at}.environment.T`,
    ]);
  });
});

describe('a trigger', () => {
  it.each([
    '{ source: Checkout }',
    '{ source: Checkout, push: [{ branches: { includes: [main], excludes: ["wip/**"] }, filePaths: { excludes: ["docs/**"] } }] }',
    '{ source: Checkout, push: [{ tags: { includes: ["v*"] } }], pullRequest: [{ events: [OPEN], branches: { includes: [main] } }] }',
    '{ schedule: { name: nightly, cron: "0 2 * * *", timezone: Europe/Berlin } }',
    '{ schedule: { name: often, cron: rate(5 minutes), enabled: false } }',
    '{ schedule: { name: aws, cron: "cron(0 2 ? * MON-FRI *)" } }, { schedule: { name: last, cron: "0 0 2 L * ?" } }',
  ])('may be %s', (text) => {
    expect(problemsOf(trigger(text))).toEqual({});
  });

  it.each([
    ['neither source nor schedule', '{}', 'triggers[0]', /one of: the source/],
    ['a source that is none', '{ source: Build }', 'triggers[0].source', /Known: Checkout/],
    ['the same source twice', '{ source: Checkout }, { source: Checkout }', 'triggers[1].source', /used twice/],
    [
      'a push to branch and tag at once',
      '{ source: Checkout, push: [{ branches: { includes: [a] }, tags: { includes: [b] } }] }',
      'triggers[0].push[0]',
      /never to both/,
    ],
    ['an empty push', '{ source: Checkout, push: [{}] }', 'triggers[0].push[0]', /says nothing/],
    [
      'empty patterns',
      '{ source: Checkout, push: [{ branches: {} }] }',
      'triggers[0].push[0].branches',
      /says nothing/,
    ],
    [
      'an event of another kind',
      '{ source: Checkout, pullRequest: [{ events: [REOPENED] }] }',
      'triggers[0].pullRequest[0].events[0]',
      /OPEN/,
    ],
    [
      'the same event twice',
      '{ source: Checkout, pullRequest: [{ events: [OPEN, OPEN] }] }',
      'triggers[0].pullRequest[0].events[1]',
      /twice/,
    ],
    ['a wrong expression', '{ schedule: { name: n, cron: "0 25 * * *" } }', 'triggers[0].schedule.cron', /hour "25"/],
    [
      'a wrong zone',
      '{ schedule: { name: n, cron: "0 2 * * *", timezone: Berlin } }',
      'triggers[0].schedule.timezone',
      /time zone/,
    ],
    ['seconds', '{ schedule: { name: n, cron: "30 0 2 * * ?" } }', 'triggers[0].schedule.cron', /must be 0/],
    [
      'the same name twice',
      '{ schedule: { name: n, cron: "0 2 * * *" } }, { schedule: { name: n, cron: "0 3 * * *" } }',
      'triggers[1].schedule.name',
      /used twice/,
    ],
    [
      'a variable that nobody has declared',
      '{ schedule: { name: n, cron: "0 2 * * *", variables: { COLOUR: red } } }',
      'triggers[0].schedule.variables.COLOUR',
      /declares no variable "COLOUR"/,
    ],
  ])('refuses %s', (_, text, path, message) => {
    expect(problemsOf(trigger(text))[path]).toMatch(message);
  });
  it('gives each variable without a default a value', () => {
    const declared = (schedule: string): string =>
      `variables: [{ name: COLOUR }, { name: SIZE, default: XL }]\n${trigger(`{ schedule: ${schedule} }`)}`;
    expect(problemsOf(declared('{ name: n, cron: "0 2 * * *", variables: { COLOUR: red } }'))).toEqual({});
    expect(problemsOf(declared('{ name: n, cron: "0 2 * * *", variables: { SIZE: S } }'))).toEqual({
      'triggers[0].schedule.variables': 'The variable "COLOUR" has no default, so the schedule must give it a value.',
    });
  });
});
