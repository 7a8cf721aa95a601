import { describe, expect, it } from 'vitest';
import { resolveRun } from '../../../worker/engine/run.ts';
import { executionView } from '../../../worker/engine/view.ts';
import { ExecutionView } from '../../../contract/executions.ts';
import { aPlan, anAction, anApproval } from '../../support/factories.ts';
import { Given } from '../../support/given.ts';

const plan = aPlan({
  Build: [
    anAction('Package', {
      namespace: 'pkg',
      outputVariables: ['VERSION'],
      outputs: [{ name: 'app', files: ['dist'] }],
    }),
  ],
  Release: [
    anAction('Ship', {
      inputs: ['app'],
      commands: ['deploy #{pkg.VERSION} to #{variables.target}'],
      environment: { RUN: '#{codepipeline.PipelineExecutionId}' },
    }),
    anApproval('Check', { runOrder: 2 }),
  ],
});

describe('resolving a run', () => {
  const given = Given.execution(plan, { variables: { target: 'staging' } }).succeed(
    'Build/Package',
    { VERSION: '1.2.3' },
    ['app'],
  );
  const shipPlan = plan.stages[1]?.actions[0];
  if (given.state === undefined || shipPlan === undefined) throw new Error('no plan');
  const resolution = resolveRun(given.state, shipPlan, 1);

  it('fills in variables and finds the input artifacts', () => {
    expect(resolution).toMatchObject({
      ok: true,
      run: {
        stage: 'Release',
        commands: ['deploy 1.2.3 to staging'],
        environment: { RUN: 'exec-1' },
        inputs: [{ name: 'app', digest: 'sha256:app' }],
      },
    });
  });

  it('says what is wrong with an action that cannot be carried out', () => {
    const asked = (more: object) => {
      const action = anAction('a', more);
      return resolveRun(Given.execution(aPlan({ A: [action] })).state!, action, 1);
    };
    const failure = (message: string) => ({ ok: false, failure: { code: 'ConfigurationError', message } });
    expect(asked({ commands: ['#{pkg.A} #{pkg.A}'], environment: { X: '#{pkg.B}' } })).toEqual(
      failure('Unresolved: #{pkg.B}, #{pkg.A}. No earlier action set it.'),
    );
    expect(asked({ inputs: ['app'] })).toEqual(failure('Input artifact "app" has not been produced.'));
  });

  it('may ask for the secrets and the identity that its action names, and for no other', () => {
    const action = anAction('a', { secrets: { TOKEN: 'deploy/token' }, identity: true });
    const [plain, special] = [anAction('a'), action].map((one) => {
      const { state } = Given.execution(aPlan({ A: [one] }), {
        trigger: { type: 'StartPipelineExecution', by: 'Ada', actor: 'ada@example.com' },
      });
      const resolved = resolveRun(state!, { ...one, key: 'A/a' as never }, 1);
      if (!resolved.ok) throw new Error(resolved.failure.message);
      return resolved.run;
    });
    expect(plain).not.toHaveProperty('secrets');
    expect(plain).not.toHaveProperty('identity');
    expect(special).toMatchObject({
      identity: true,
      secrets: {
        references: { TOKEN: 'deploy/token' },
        trigger: { type: 'StartPipelineExecution', actor: 'ada@example.com' },
      },
    });
  });

  it('names the attempt the same way however often it is resolved', () => {
    expect(resolution).toMatchObject({ run: { job: 'exec-1:Release/Ship:1' } });
  });
});

describe('the view', () => {
  it('is what the contract promises, in every phase', () => {
    const given = Given.execution(plan, { variables: { target: 'x' } });
    const phases = [
      () => given.report('Build/Package', { type: 'ReportClaimed', runner: 'r1' }),
      () => given.report('Build/Package', { type: 'ReportUnreachable' }),
      () => given.succeed('Build/Package', { VERSION: '1' }, ['app']),
      () => given.succeed('Release/Ship'),
      () => given.when({ type: 'Stop', abandon: false, by: 'ada', reason: 'enough' }),
    ];
    for (const phase of phases) {
      phase();
      if (given.state === undefined) throw new Error('not begun');
      const view = executionView(given.state);
      // Digests are placeholders in these tests; everything else must parse as it stands.
      const text = JSON.stringify(view).replaceAll('sha256:app', `sha256:${'a'.repeat(64)}`);
      expect(ExecutionView.parse(JSON.parse(text))).toEqual(JSON.parse(text));
    }
  });
});
