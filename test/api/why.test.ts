import { beforeAll, describe, expect, it } from 'vitest';
import { PipelineLiveMessage } from '../../contract/live-feed.ts';
import { ExecutionWhy, PipelineWhy } from '../../contract/why.ts';
import { messages, TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

const approval = (name: string, more = ''): string => `
name: ${name}
mode: QUEUED
stages:
  - name: First
    actions: [{ name: Ask, type: Approval/Manual }]
  - name: Second
    actions: [{ name: Again, type: Approval/Manual${more} }]
`;

describe('why', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await TestTenant.create();
  });

  const why = async (path: string) => ExecutionWhy.parse(await tenant.get(`/executions/${path}/why`));

  it('an execution waits for a stage leads to who is in there, and on to the person whom that one waits for', async () => {
    await tenant.save('chain', approval('chain'));
    const one = await tenant.start('chain');
    const two = await tenant.start('chain');
    await tenant.until(one.id, ({ stages }) => stages[0]?.status === 'InProgress');
    const answer = await why(two.id);
    expect(answer.execution).toEqual({ id: two.id, number: 2, pipeline: 'chain', status: 'InProgress' });
    expect(answer.reasons).toMatchObject([
      {
        kind: 'AwaitingAdmission',
        owner: 'pipeline',
        subject: { type: 'stage', stage: 'First' },
        because: [
          {
            kind: 'StageHeld',
            message: 'Execution 1 is in First.',
            place: 1,
            holder: { type: 'execution', id: one.id, number: 1, href: `/executions/${one.id}` },
            because: [
              {
                kind: 'AwaitingApproval',
                owner: 'person',
                may: [{ call: `POST /executions/${one.id}/approvals/First/Ask` }],
                because: [],
              },
            ],
          },
        ],
      },
    ]);
    const [reason] = answer.reasons;
    expect(Date.parse(reason?.deadline ?? '') - Date.parse(reason?.since ?? '')).toBe(30 * 24 * 3_600_000);
  });

  it('a transition is closed tells who closed it, what for, and who waits in front of it', async () => {
    await tenant.save('closed', approval('closed'));
    const { id } = await tenant.start('closed');
    const transition = '/pipelines/closed/stages/Second/transition';
    await tenant.fetch(transition, {
      method: 'PUT',
      body: JSON.stringify({ enabled: false, reason: 'audit' }),
      headers: { 'content-type': 'application/json' },
    });
    await tenant.post(`/executions/${id}/approvals/First/Ask`, { result: 'Approved' });
    const closed = {
      kind: 'TransitionDisabled',
      owner: 'person',
      message: 'service has closed the transition into Second: audit',
      may: [{ call: `PUT ${transition}` }],
    };
    for await (const text of messages(await tenant.socket('/pipelines/closed/live'))) {
      const { state } = PipelineLiveMessage.parse(JSON.parse(text as string));
      if (state.stages[1]?.inbound.length === 1) break;
    }
    expect((await why(id)).reasons).toMatchObject([
      { kind: 'AwaitingAdmission', because: [{ ...closed, place: 1 }] },
    ]);
    const all = PipelineWhy.parse(await tenant.get('/pipelines/closed/why'));
    expect(all).toMatchObject({ transitions: [closed], executions: [{ id, number: 1, reasons: [closed] }] });
  });

  it('nobody takes a job names the labels that are missing', async () => {
    const job = 'name: a, labels: [gpu], commands: [x]';
    await tenant.save(
      'pick',
      `name: pick\nstages: [{ name: S, actions: [{ ${job} }, { name: b, runOrder: 2, commands: [x] }] }]`,
    );
    const { id } = await tenant.start('pick');
    // The execution has begun; its job may still be on its way to the pool.
    const queued = async (): Promise<ExecutionWhy> => {
      const answer = await why(`${id}/actions/S/a`);
      return answer.reasons[0]?.because.length === 0 ? queued() : answer;
    };
    await tenant.until(id, ({ stages }) => stages[0]?.status === 'InProgress');
    expect((await queued()).reasons).toMatchObject([{ kind: 'Queued', because: [{ kind: 'NoRunner', place: 1 }] }]);
    const runner = await TestRunner.connect(tenant, { id: 'plain-runner', labels: ['linux'] });
    const missing = {
      kind: 'NoMatchingRunner',
      owner: 'pool',
      message: 'There is one runner of the pool default, and none carries gpu.',
    };
    expect((await why(id)).reasons).toMatchObject([{ kind: 'Queued', because: [missing] }]);
    expect((await why(`${id}/actions/S/b`)).reasons).toMatchObject([
      { kind: 'NotReached', because: [{ kind: 'Queued', because: [missing] }] },
    ]);
    expect((await why(`${id}/stages/S`)).reasons).toMatchObject([{ kind: 'Queued' }]);
    runner.close();
  });

  it('is empty for what has ended, and not found for what does not exist', async () => {
    await tenant.save('over', approval('over'));
    const { id } = await tenant.start('over');
    await tenant.post(`/executions/${id}/approvals/First/Ask`, { result: 'Rejected' });
    await tenant.ended(id);
    expect(await why(id)).toMatchObject({ execution: { status: 'Failed' }, reasons: [] });
    const codeOf = async (path: string) => (await (await tenant.fetch(path)).json<{ code: string }>()).code;
    expect(await codeOf(`/executions/${id}/stages/X/why`)).toBe('stage_not_found');
    expect(await codeOf(`/executions/${id}/actions/First/X/why`)).toBe('action_not_found');
    expect(await codeOf('/executions/nonsense/why')).toBe('execution_not_found');
    expect(await codeOf('/pipelines/nowhere/why')).toBe('pipeline_not_found');
    const stranger = await TestTenant.create();
    for (const path of [`/executions/${id}/why`, `/executions/${id}/stages/First/why`, '/pipelines/over/why']) {
      expect((await stranger.fetch(path)).status).toBe(404);
    }
  });
});
