import { ruleKey } from '../../worker/engine/ids.ts';
import type { ExecutionPlan, StagePlan } from '../../worker/engine/plan.ts';
import { Recorder } from './event-log.ts';
import { aCondition, anAction, anApproval, aPlan, aRule } from './factories.ts';

/** Executions that are worth remembering: together, everything that can happen to one. Recorded by `record-event-logs.ts`. */
export const stories: Readonly<Record<string, () => Recorder>> = {
  'to-production': () => {
    const plan = aPlan({
      Source: [
        anAction('Checkout', {
          type: 'Source/Upload',
          carrier: 'worker',
          outputs: [out('source')],
          namespace: 'src',
        }),
      ],
      Build: [
        anAction('Unit', { inputs: ['source'], retry: { attemptsMax: 3, backoffMs: 5_000 } }),
        anAction('Package', {
          runOrder: 2,
          inputs: ['source'],
          outputs: [out('app')],
          outputVariables: ['VERSION'],
          namespace: 'pkg',
        }),
      ],
      Release: [
        anApproval('SignOff', {
          configuration: { CustomData: 'Version #{pkg.VERSION}' },
          approval: { approvers: [], count: 2, self: true },
        }),
        anAction('Ship', {
          runOrder: 2,
          inputs: ['app'],
          environment: { TARGET: '#{variables.target}' },
          onRunnerLoss: 'hold',
        }),
      ],
    });
    const revision = { id: 'r1', digest: `sha256:${'b'.repeat(64)}`, sizeBytes: 9, summary: 'Fix the shop' };
    const test = new Recorder(plan, { variables: { target: 'staging' }, revisions: { Checkout: revision } }, 1);
    test.after(200).report('Source/Checkout', {
      type: 'ReportRunning',
      externalId: 'x1',
      externalUrl: 'https://x.example/1',
      summary: 'on it',
      checkAfterMs: 2_000,
    });
    test.wake().succeed('Source/Checkout', { BRANCH: 'main' }, ['source']);
    test.after(900).report('Build/Unit', { type: 'ReportClaimed', runner: 'r-1' });
    test.after(20_000).report('Build/Unit', { type: 'ReportUnreachable' });
    test.after(9_000).report('Build/Unit', { type: 'ReportReachable' });
    test.after(9_000).fail('Build/Unit').wake().report('Build/Unit', { type: 'ReportClaimed', runner: 'r-2' });
    test.after(700).report('Build/Unit', { type: 'ReportLost', reason: 'gone' }).succeed('Build/Unit');
    test.after(10).report('Build/Package', { type: 'ReportClaimed', runner: 'r-1' });
    test.after(4_000).succeed('Build/Package', { VERSION: '1.2.3' }, ['app']);
    test.after(60_000).admit(2);
    for (const by of ['ada', 'bob']) {
      test.after(5_000).order({
        type: 'AnswerApproval',
        action: 'Release/SignOff' as never,
        result: 'Approved',
        summary: `${by} likes it`,
        by,
      });
    }
    test.after(10).report('Release/Ship', { type: 'ReportClaimed', runner: 'r-1' });
    test.after(90_000).report('Release/Ship', { type: 'ReportLost', reason: 'gone' });
    test.after(1_000).order({ type: 'ResolveHold', action: 'Release/Ship' as never, resolution: 'Retry', by: 'ada' });
    return test.after(1_000).report('Release/Ship', { type: 'ReportClaimed', runner: 'r-3' }).succeed('Release/Ship');
  },

  'brought-back': () => {
    const test = new Recorder(aPlan({ A: [anAction('a')], B: [anAction('b')] }));
    test.succeed('A/a').fail('B/b').after(10);
    return test.order({ type: 'RetryStage', stage: 'B', mode: 'FAILED_ACTIONS', by: 'ada' }).admit(1).succeed('B/b');
  },

  'timed-out': () => {
    const test = new Recorder(aPlan({ A: [anAction('slow', { timeoutMs: 60_000, onRunnerLoss: 'fail' })] }));
    test.report('A/slow', { type: 'ReportClaimed', runner: 'r-1' }).wake();
    return test.report('A/slow', { type: 'ReportRunning', externalId: 'x9' }).wake();
  },

  'sent-back-and-resumed': () => {
    const test = new Recorder(aPlan({ A: [anAction('a')], B: [anApproval('ok'), anAction('b', { runOrder: 2 })] }));
    const answer = { type: 'AnswerApproval', action: 'B/ok' as never, by: 'ada' } as const;
    test
      .succeed('A/a')
      .after(10)
      .order({ ...answer, result: 'Rejected', summary: 'not today' });
    test.after(10).order({ type: 'RetryStage', stage: 'B', mode: 'FAILED_ACTIONS', by: 'ada' });
    test.after(10).order({ type: 'RefuseReturn', message: 'A newer execution has entered "B" meanwhile.' });
    test.after(10).order({ type: 'RetryStage', stage: 'B', mode: 'ALL_ACTIONS', by: 'ada' });
    test
      .admit(1)
      .order({ ...answer, result: 'Approved', summary: '' })
      .fail('B/b');
    test.after(10).order({ type: 'Resume', stage: 'A', by: 'bob' }).admit(1);
    return test
      .succeed('A/a')
      .order({ ...answer, result: 'Approved', summary: '' })
      .succeed('B/b');
  },

  'retried-by-itself-then-rolled-back': () => {
    const test = new Recorder(
      withStage(aPlan({ A: [anAction('a'), anAction('b')] }), {
        onFailure: {
          retry: { mode: 'FAILED_ACTIONS', retriesMax: 1, backoffMs: 30_000, on: [] },
          condition: aCondition('A', 'onFailure', { otherwise: 'ROLLBACK' }),
          rollback: false,
        },
      }),
    );
    test.succeed('A/a').fail('A/b').wake().fail('A/b').fail('A/onFailure~rule', 'ConditionUnmet');
    return test.order({
      type: 'ReportRollback',
      stage: 0,
      result: { kind: 'Started', execution: 'exec-2' as never },
    });
  },

  'condition-overridden': () => {
    const plan = withStage(aPlan({ A: [anAction('a')] }), {
      beforeEntry: aCondition('A', 'beforeEntry', { otherwise: 'FAIL' }),
      onSuccess: aCondition('A', 'onSuccess', { otherwise: 'ROLLBACK' }),
    });
    const test = new Recorder(plan);
    test
      .fail('A/beforeEntry~rule', 'ConditionUnmet')
      .order({ type: 'OverrideCondition', stage: 'A', place: 'beforeEntry', by: 'ada' });
    test.admit(0).succeed('A/a').fail('A/onSuccess~rule');
    return test.order({
      type: 'ReportRollback',
      stage: 0,
      result: { kind: 'Refused', message: 'No execution has succeeded in "A" yet.' },
    });
  },

  'at-the-gate': () => {
    const [a, b] = aPlan({ A: [anAction('a')], B: [anAction('b')] }).stages as [StagePlan, StagePlan];
    const gate = aCondition('B', 'beforeEntry', { otherwise: 'WAIT', rules: [aRule('window')], waitMs: 3_600_000 });
    const test = new Recorder({ stages: [a, { ...b, beforeEntry: gate }] }, {}, 1);
    const rule = { action: ruleKey('B', 'beforeEntry', 'window') } as const;
    const unmet = { code: 'ConditionUnmet', message: 'opens at eight' } as const;
    test.succeed('A/a').order({ type: 'ReportFailed', ...rule, attempt: 1, failure: unmet, checkAfterMs: 120_000 });
    test.wake().order({ type: 'ReportSucceeded', ...rule, attempt: 2, variables: {}, artifacts: [] });
    test.after(60_000).admit(1);
    test.order({ type: 'ReportFailed', ...rule, attempt: 3, failure: unmet, checkAfterMs: 60_000 });
    test.after(10).order({ type: 'OverrideCondition', stage: 'B', place: 'beforeEntry', by: 'ada' });
    return test.admit(1).succeed('B/b');
  },

  skipped: () => {
    const [a, b] = aPlan({ A: [anAction('a')], B: [anAction('b')] }).stages as [StagePlan, StagePlan];
    const test = new Recorder({
      stages: [{ ...a, beforeEntry: aCondition('A', 'beforeEntry', { otherwise: 'SKIP' }) }, b],
    });
    return test.fail('A/beforeEntry~rule', 'ConditionUnmet').succeed('B/b');
  },

  stopped: () => {
    const test = new Recorder(aPlan({ A: [anAction('a'), anAction('b'), anApproval('ok')] }));
    test.succeed('A/a').after(10).order({ type: 'Stop', abandon: false, by: 'ada', reason: 'wrong branch' });
    test.after(10).order({ type: 'Stop', abandon: true, by: 'ada', reason: 'now' });
    return test.report('A/b', { type: 'ReportCancelled' });
  },

  cancelled: () =>
    new Recorder(aPlan({ A: [anAction('a')] }))
      .order({ type: 'Cancel', by: 'ada', reason: 'The pipeline was changed to version 2.' })
      .succeed('A/a'),

  superseded: () =>
    new Recorder(aPlan({ A: [anAction('a')], B: [anAction('b')] }), {}, 0)
      .succeed('A/a')
      .order({ type: 'Supersede' }),

  'made-way': () =>
    new Recorder(
      aPlan({
        A: [anApproval('ok', { approval: { approvers: ['role:owner'], count: 1, self: false, yields: true } })],
      }),
    )
      .after(10)
      .order({ type: 'Yield' }),

  'rollback-of-a-stage': () => {
    const plan = aPlan({ A: [anAction('a', { outputs: [out('app')] })], B: [anAction('b', { inputs: ['app'] })] });
    const app = { name: 'app', digest: `sha256:${'c'.repeat(64)}`, sizeBytes: 3, action: 'A/a' as never };
    return new Recorder(plan, {
      kind: 'ROLLBACK',
      rollback: { stage: 'B', target: 'exec-0' as never, from: 'exec-9' as never },
      span: { first: 1, last: 1 },
      seed: { artifacts: { app }, namespaces: { pkg: { VERSION: '1' } } },
      trigger: { type: 'AutomatedRollback', by: 'execution exec-9' },
    }).succeed('B/b');
  },

  called: () =>
    new Recorder(aPlan({ A: [anAction('a', { retry: { attemptsMax: 2, backoffMs: 0 }, inputs: ['nowhere'] })] }), {
      caller: { execution: 'exec-0' as never, action: 'A/call' as never, attempt: 1, depth: 2 },
      forkedFrom: 'exec-7' as never,
      trigger: { type: 'InvokePipeline', by: 'execution exec-0', actor: 'ada@example.com', detail: 'shop #4' },
    }),
};

function out(name: string) {
  return { name, files: [] };
}

function withStage({ stages: [stage] }: ExecutionPlan, more: Partial<StagePlan>): ExecutionPlan {
  if (stage === undefined) throw new Error('no stage');
  return { stages: [{ ...stage, ...more }] };
}
