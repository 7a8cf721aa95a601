import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionView } from '../../contract/executions.ts';
import type { PipelineState } from '../../contract/pipelines.ts';
import { TestTenant } from '../support/workerd/client.ts';
import { TestRunner } from '../support/workerd/runner.ts';

/**
 * Walks every status and every arrow of CodePipeline's state machine (reference 3.2) through the public API. `seen` collects
 * what the views showed, one after the other; the last test holds it against the list.
 */

let tenant: TestTenant;
const seen = new Set<string>();
const before = new Map<string, string>();

function note(what: string, key: string, status: string | null): void {
  const was = before.get(key) ?? '-';
  const is = status ?? '-';
  if (was !== is) seen.add(`${what} ${was} → ${is}`);
  before.set(key, is);
}

/** Reads an execution and remembers how everything in it has changed since it was last read. */
function look(view: ExecutionView): ExecutionView {
  note('execution', view.id, view.status);
  for (const stage of view.stages) {
    const at = `${view.id}/${stage.name}`;
    note('stage', at, stage.status);
    for (const condition of stage.conditions) note('condition', `${at}:${condition.place}`, condition.status);
    for (const action of stage.actions) note('action', `${at}/${action.name}`, action.status);
  }
  return view;
}

const get = async (id: string): Promise<ExecutionView> => look(await tenant.execution(id));
const until = async (id: string, holds: (view: ExecutionView) => boolean): Promise<ExecutionView> =>
  tenant.until(id, (view) => holds(look(view)));
const start = async (name: string, order: unknown = {}): Promise<string> => {
  const { id } = await tenant.start(name, order);
  await get(id);
  return id;
};
const answer = async (
  id: string,
  place: string,
  result: 'Approved' | 'Rejected' = 'Approved',
): Promise<ExecutionView> => {
  const response = await tenant.post(`/executions/${id}/approvals/${place}`, { result });
  expect(response.status).toBe(200);
  return look(await response.json<ExecutionView>());
};
const order = async (path: string, body: unknown, status = 202): Promise<ExecutionView> => {
  const response = await tenant.post(path, body);
  const text = await response.text();
  expect(`${response.status} ${response.status === status ? '' : text}`).toBe(`${status} `);
  return look(JSON.parse(text) as ExecutionView);
};
const refused = async (path: string, body: unknown): Promise<string> => {
  const { code } = await (await tenant.post(path, body)).json<{ code: string }>();
  return code;
};
const transition = (name: string, stage: string, enabled: boolean) =>
  tenant.fetch(`/pipelines/${name}/stages/${stage}/transition`, {
    method: 'PUT',
    body: JSON.stringify({ enabled, reason: 'release freeze' }),
    headers: { 'content-type': 'application/json' },
  });

const ask = (name: string): string => `{ name: ${name}, type: Approval/Manual }`;
/** A rule whose answer the start decides. */
const check = (value: string): string =>
  `{ name: check, type: Rule/VariableCheck, configuration: { Variable: "#{variables.go}", Operator: EQ, Value: "${value}" } }`;
const pipeline = (name: string, stages: string, mode = 'SUPERSEDED'): string => `
name: ${name}
mode: ${mode}
variables: [{ name: go, default: "yes" }]
stages:
${stages}`;
const stage = (name: string, actions: string, more = ''): string => `
  - name: ${name}
    actions: [${actions}]
    ${more}`;

beforeAll(async () => {
  tenant = await TestTenant.create();
});

describe('executions', () => {
  it('succeed, fail, are retried and resumed', async () => {
    await tenant.save(
      'plain',
      pipeline('plain', stage('A', ask('one')) + stage('B', `${ask('two')}, ${ask('three')}`)),
    );
    const id = await start('plain');
    await answer(id, 'A/one');
    await answer(id, 'B/two', 'Rejected');
    expect((await answer(id, 'B/three')).status).toBe('Failed');

    const retried = await order(`/executions/${id}/stages/B/retry`, {});
    expect(retried).toMatchObject({ status: 'InProgress', endedAt: null, stages: [{}, { retries: { manual: 1 } }] });
    expect(retried.stages[1]?.actions.map(({ status }) => status)).toEqual(['InProgress', 'Succeeded']);
    await answer(id, 'B/two', 'Rejected');

    const all = await order(`/executions/${id}/stages/B/retry`, { mode: 'ALL_ACTIONS' });
    expect(all.stages[1]?.actions.map(({ attempt }) => attempt)).toEqual([3, 2]);
    await answer(id, 'B/two', 'Rejected');
    await answer(id, 'B/three', 'Rejected');
    const one = await order(`/executions/${id}/stages/B/retry`, { action: 'three' });
    expect(one.stages[1]?.actions.map(({ status }) => status)).toEqual(['Failed', 'InProgress']);
    await answer(id, 'B/three');

    const resumed = await order(`/executions/${id}/resume`, { stage: 'A' });
    expect(resumed.stages.map(({ status }) => status)).toEqual(['InProgress', null]);
    await answer(id, 'A/one');
    await answer(id, 'B/two');
    expect((await answer(id, 'B/three')).status).toBe('Succeeded');
    expect(await refused(`/executions/${id}/stages/B/retry`, {})).toBe('stage_not_retryable');
    const list = await tenant.get<{ items: { status: string }[] }>('/pipelines/plain/executions');
    expect(list.items[0]?.status).toBe('Succeeded');
  });

  it('are stopped, with and without waiting, and go on from there', async () => {
    await tenant.save(
      'held',
      pipeline('held', stage('A', '{ name: long, type: Invoke/Delay, configuration: { Seconds: "3600" } }')),
    );
    const id = await start('held');
    expect((await order(`/executions/${id}/stop`, { reason: 'wait' })).status).toBe('Stopping');
    await order(`/executions/${id}/stop`, { abandon: true });
    const stopped = await until(id, ({ status }) => status === 'Stopped');
    expect(stopped.stages[0]).toMatchObject({ status: 'Stopped', actions: [{ status: 'Abandoned' }] });
    expect(await refused(`/executions/${id}/stop`, {})).toBe('execution_ended');
    const again = await order(`/executions/${id}/stages/A/retry`, {});
    expect(again.stages[0]).toMatchObject({ status: 'InProgress', actions: [{ status: 'InProgress', attempt: 2 }] });
    await order(`/executions/${id}/stop`, { abandon: true });
    await until(id, ({ status }) => status === 'Stopped');
  });

  it('are superseded in front of a stage, and never retried', async () => {
    await tenant.save('lane', pipeline('lane', stage('A', ask('one')) + stage('B', ask('two'))));
    const one = await start('lane');
    const two = await start('lane');
    const three = await start('lane');
    expect((await get(two)).status).toBe('Superseded');
    expect(await refused(`/executions/${two}/stages/A/retry`, {})).toBe('stage_not_retryable');
    await answer(one, 'A/one');
    await until(three, ({ stages }) => stages[0]?.status === 'InProgress');
    expect((await answer(one, 'B/two')).status).toBe('Succeeded');
  });

  it('are not retried behind the back of a newer one that has entered the stage', async () => {
    await tenant.save('order', pipeline('order', stage('A', ask('one')) + stage('B', ask('two'))));
    const old = await start('order');
    await answer(old, 'A/one');
    expect((await answer(old, 'B/two', 'Rejected')).status).toBe('Failed');
    const newer = await start('order');
    // The newer one is not there yet: the old one may go first, and the newer one waits for it.
    await order(`/executions/${old}/stages/B/retry`, {});
    await answer(newer, 'A/one');
    expect((await get(newer)).waitingForStage).toBe('B');
    await answer(old, 'B/two', 'Rejected');
    await until(newer, ({ stages }) => stages[1]?.status === 'InProgress');
    expect(await refused(`/executions/${old}/stages/B/retry`, {})).toBe('return_refused');
    expect((await get(old)).status).toBe('Failed');
  });

  it('are cancelled by a change of the pipeline when it says so', async () => {
    const text = pipeline('changing', stage('A', ask('one')) + stage('B', ask('two')));
    await tenant.save('changing', text);
    const going = await start('changing');
    const waiting = await start('changing');
    await tenant.save('changing', `${text}\nonUpdate: continue\n`);
    expect((await get(going)).status).toBe('InProgress');
    await tenant.save('changing', `${text}\nonUpdate: cancel\n`);
    const cancelled = await until(going, ({ status }) => status === 'Cancelled');
    expect(cancelled.stages[0]?.status).toBe('Cancelled');
    expect((await get(waiting)).status).toBe('Cancelled');
  });
});

describe('conditions', () => {
  const fail = `beforeEntry: { otherwise: FAIL, rules: [${check('yes')}] }`;

  it('before entry fail the stage until somebody overrides them', async () => {
    await tenant.save('entry', pipeline('entry', stage('A', ask('one')) + stage('B', ask('two'), fail)));
    const id = await start('entry', { variables: { go: 'no' } });
    await answer(id, 'A/one');
    const failed = await until(id, ({ status }) => status === 'Failed');
    expect(failed.stages[1]).toMatchObject({
      status: 'Failed',
      conditions: [{ place: 'beforeEntry', status: 'Failed', rules: [{ name: 'check', status: 'Failed' }] }],
      actions: [{ status: null }],
    });
    expect(failed.stages[1]?.reason).toContain('check');
    const overridden = await order(`/executions/${id}/stages/B/override`, { condition: 'beforeEntry' });
    expect(overridden.stages[1]?.conditions[0]).toMatchObject({ status: 'Overridden' });
    expect((await answer(id, 'B/two')).status).toBe('Succeeded');
    expect(await refused(`/executions/${id}/stages/B/override`, { condition: 'beforeEntry' })).toBe(
      'condition_not_overridable',
    );
  });

  it('before entry skip the stage', async () => {
    const skip = `beforeEntry: { otherwise: SKIP, rules: [${check('yes')}] }`;
    await tenant.save('skip', pipeline('skip', stage('A', ask('one'), skip) + stage('B', ask('two'))));
    const id = await start('skip', { variables: { go: 'no' } });
    const there = await until(id, ({ stages }) => stages[1]?.status === 'InProgress');
    expect(there.stages[0]?.status).toBe('Skipped');
    await answer(id, 'B/two');
    const met = await start('skip');
    expect((await until(met, ({ stages }) => stages[0]?.status === 'InProgress')).stages[0]?.status).toBe(
      'InProgress',
    );
  });

  it('on success fail the stage, which can be overridden', async () => {
    const after = `onSuccess: { otherwise: FAIL, rules: [${check('yes')}] }`;
    await tenant.save('after', pipeline('after', stage('A', ask('one'), after)));
    const id = await start('after', { variables: { go: 'no' } });
    await answer(id, 'A/one');
    await until(id, ({ status }) => status === 'Failed');
    expect((await order(`/executions/${id}/stages/A/override`, { condition: 'onSuccess' })).status).toBe('Succeeded');
  });

  it('that cannot be evaluated are told apart', async () => {
    const broken = `beforeEntry: { otherwise: FAIL, rules: [{ name: check, type: Rule/HttpCheck, configuration: { Url: "http://127.0.0.1/" } }] }`;
    await tenant.save('broken', pipeline('broken', stage('A', ask('one'), broken)));
    const id = await start('broken');
    const failed = await until(id, ({ status }) => status === 'Failed');
    expect(failed.stages[0]?.conditions[0]?.status).toBe('Errored');
  });

  it('hold an execution at a gate, where it can be superseded or let through', async () => {
    const gate = `beforeEntry: { otherwise: WAIT, waitMinutes: 60, rules: [${check('yes')}] }`;
    await tenant.save('gate', pipeline('gate', stage('A', ask('one')) + stage('B', ask('two'), gate)));
    const shut = await start('gate', { variables: { go: 'no' } });
    await answer(shut, 'A/one');
    const waiting = await until(shut, ({ stages }) => stages[1]?.conditions[0]?.status === 'Failed');
    expect(waiting).toMatchObject({ status: 'InProgress', waitingForStage: 'B' });
    expect(waiting.stages[1]?.conditions[0]).toMatchObject({
      otherwise: 'WAIT',
      checkAt: expect.any(String) as unknown,
    });
    const board = await tenant.get<PipelineState>('/pipelines/gate/state');
    expect(board.stages[1]?.inbound).toMatchObject([{ id: shut, isAtGate: true }]);

    const newer = await start('gate', { variables: { go: 'no' } });
    await answer(newer, 'A/one');
    const ended = await until(shut, ({ status }) => status === 'Superseded');
    expect(ended.stages[1]).toMatchObject({ status: null, conditions: [{ status: 'Failed' }] });
    await until(newer, ({ stages }) => stages[1]?.conditions[0]?.status === 'Failed');
    await order(`/executions/${newer}/stages/B/override`, { condition: 'beforeEntry' });
    await until(newer, ({ stages }) => stages[1]?.status === 'InProgress');
    expect((await answer(newer, 'B/two')).status).toBe('Succeeded');

    const open = await start('gate');
    await answer(open, 'A/one');
    await until(open, ({ stages }) => stages[1]?.status === 'InProgress');
  });

  it('run commands on a runner, and end with an execution that is stopped', async () => {
    const commands =
      'beforeEntry: { otherwise: FAIL, rules: [{ name: smoke, type: Rule/Commands, commands: ["true"] }] }';
    await tenant.save('smoke', pipeline('smoke', stage('A', ask('one'), commands)));
    const id = await start('smoke');
    const stopped = await order(`/executions/${id}/stop`, {});
    expect(stopped.stages[0]?.conditions[0]?.status).toBe('Abandoned');
    const runner = await TestRunner.connect(tenant, { work: (job) => (job.job.includes('~') ? 'silent' : {}) });
    const next = await start('smoke');
    const { job } = await runner.hears('claimed');
    expect(job).toBe(`${next}:A/beforeEntry~smoke:1`);
    await until(next, ({ stages }) => stages[0]?.conditions[0]?.rules[0]?.runner !== null);
    runner.finish(job);
    await until(next, ({ stages }) => stages[0]?.actions[0]?.status === 'InProgress');
    runner.close();
  });

  it('that are still being evaluated end with an execution that is superseded', async () => {
    const gate =
      'beforeEntry: { otherwise: WAIT, rules: [{ name: smoke, type: Rule/Commands, commands: ["true"], labels: [none] }] }';
    await tenant.save('slow', pipeline('slow', stage('A', ask('one'), gate)));
    const old = await start('slow');
    await until(old, ({ stages }) => stages[0]?.conditions[0]?.status === 'InProgress');
    await start('slow');
    const ended = await until(old, ({ status }) => status === 'Superseded');
    expect(ended.stages[0]?.conditions[0]?.status).toBe('Cancelled');
  });
});

describe('failed stages', () => {
  it('are retried by themselves', async () => {
    const retry =
      'onFailure: { retry: { mode: ALL_ACTIONS, attempts: 2, backoffSeconds: 0, on: [ConfigurationError] } }';
    const broken = '{ name: broken, type: Invoke/Delay, configuration: { Seconds: "#{variables.go}" } }';
    await tenant.save('auto', pipeline('auto', stage('A', broken, retry)));
    const id = await start('auto');
    const failed = await until(id, ({ status }) => status === 'Failed');
    expect(failed.stages[0]).toMatchObject({
      retries: { automatic: 1, manual: 0, latest: 'AutomatedStageRetry' },
      actions: [{ attempt: 2 }],
    });
  });

  it('are rolled back to the last execution that succeeded in them', async () => {
    const text = (result: string): string =>
      pipeline('back', stage('A', ask('one')) + stage('B', ask('two'), result));
    await tenant.save('back', text(''));
    const good = await start('back');
    await answer(good, 'A/one');
    await answer(good, 'B/two');
    await until(good, ({ status }) => status === 'Succeeded');

    await tenant.save('back', text('onFailure: { result: ROLLBACK }'));
    const bad = await start('back', { variables: { go: 'no' } });
    await answer(bad, 'A/one');
    await answer(bad, 'B/two', 'Rejected');
    const rolled = await until(bad, ({ stages }) => stages[1]?.rollback?.status === 'Started');
    const back = await get(rolled.stages[1]?.rollback?.execution ?? '');
    expect(back).toMatchObject({
      kind: 'ROLLBACK',
      version: 1,
      variables: { go: 'yes' },
      trigger: { type: 'AutomatedRollback' },
      rollback: { stage: 'B', target: good, from: bad },
      stages: [{ status: null }, { status: 'InProgress' }],
    });
    expect((await answer(back.id, 'B/two')).status).toBe('Succeeded');

    // By hand, past an execution that is on its way, and not to one that never succeeded there.
    const newer = await start('back');
    const path = '/pipelines/back/stages/B/rollback';
    const manual = await (await tenant.post(path, { target: good, reason: 'complaints' })).json<{ id: string }>();
    expect(await get(manual.id)).toMatchObject({ kind: 'ROLLBACK', stages: [{}, { status: 'InProgress' }] });
    await answer(newer, 'A/one');
    expect((await get(newer)).waitingForStage).toBe('B');
    await answer(manual.id, 'B/two');
    await until(newer, ({ stages }) => stages[1]?.status === 'InProgress');
    expect(await refused(path, { target: bad })).toBe('rollback_target_invalid');
    expect(await refused(path, { target: back.id })).toBe('rollback_target_invalid');
    expect(await refused('/pipelines/back/stages/Nowhere/rollback', {})).toBe('rollback_target_invalid');
  });
});

describe('transitions', () => {
  it('hold everybody up while they are disabled, and say who did it and why', async () => {
    await tenant.save('valve', pipeline('valve', stage('A', ask('one')) + stage('B', ask('two'))));
    const id = await start('valve');
    expect(await (await transition('valve', 'B', false)).json()).toEqual({ enabled: false, unconfirmed: [] });
    await answer(id, 'A/one');
    expect((await get(id)).waitingForStage).toBe('B');
    const board = await tenant.get<PipelineState>('/pipelines/valve/state');
    expect(board.stages[1]).toMatchObject({
      transition: { enabled: false, reason: 'release freeze' },
      inbound: [{ id, isAtGate: false }],
    });
    await transition('valve', 'B', true);
    await until(id, ({ stages }) => stages[1]?.status === 'InProgress');
    expect((await transition('valve', 'C', false)).status).toBe(404);
  });
});

describe('modes', () => {
  it('QUEUED keeps everybody in order, PARALLEL holds nobody up', async () => {
    await tenant.save('queue', pipeline('queue', stage('A', ask('one')), 'QUEUED'));
    const ids = [await start('queue'), await start('queue'), await start('queue')];
    const board = await tenant.get<PipelineState>('/pipelines/queue/state');
    expect(board.stages[0]?.inbound.map(({ id }) => id)).toEqual(ids.slice(1));
    await answer(ids[0] ?? '', 'A/one');
    await until(ids[1] ?? '', ({ stages }) => stages[0]?.status === 'InProgress');
    expect((await get(ids[2] ?? '')).waitingForStage).toBe('A');

    await tenant.save('wide', pipeline('wide', stage('A', ask('one')), 'PARALLEL'));
    const both = [await start('wide'), await start('wide')];
    for (const id of both) expect((await get(id)).stages[0]?.status).toBe('InProgress');
    expect(await refused('/pipelines/wide/stages/A/rollback', {})).toBe('rollback_not_possible');
  });
});

describe('forks', () => {
  it('take revisions and variables along, as far as the order does not say otherwise', async () => {
    await tenant.save('forked', pipeline('forked', stage('A', ask('one'))));
    const origin = await start('forked', { variables: { go: 'maybe' } });
    await answer(origin, 'A/one');
    const made = await (await tenant.post(`/executions/${origin}/fork`, {})).json<{ id: string }>();
    expect(await get(made.id)).toMatchObject({ forkedFrom: origin, variables: { go: 'maybe' }, number: 2 });
    await answer(made.id, 'A/one');
    const other = await (
      await tenant.post(`/executions/${origin}/fork`, { variables: { go: 'no' }, version: 1 })
    ).json<{ id: string }>();
    expect((await get(other.id)).variables).toEqual({ go: 'no' });
    expect(await refused(`/executions/${origin}/fork`, { version: 9 })).toBe('version_not_found');
  });
});

describe('approvals', () => {
  it('die when a newer execution supersedes theirs, where the definition says so', async () => {
    const yielding = '{ name: one, type: Approval/Manual, whenNewer: SUPERSEDE }';
    await tenant.save('yielding', pipeline('yielding', stage('A', yielding)));
    const old = await start('yielding');
    await until(old, ({ stages }) => stages[0]?.actions[0]?.activity === 'AwaitingApproval');
    const newer = await start('yielding');
    const ended = await until(old, ({ status }) => status === 'Superseded');
    expect(ended.stages[0]).toMatchObject({ status: 'Cancelled', actions: [{ status: 'Abandoned' }] });
    expect(await refused(`/executions/${old}/approvals/A/one`, { result: 'Approved' })).toBe('approval_not_pending');
    await until(newer, ({ stages }) => stages[0]?.status === 'InProgress');
  });

  it('follow their policy', async () => {
    const policy = '{ name: one, type: Approval/Manual, approvals: 2, selfApproval: false }';
    await tenant.save('policy', pipeline('policy', stage('A', policy)));
    const id = await start('policy');
    const view = await get(id);
    expect(view.stages[0]?.actions[0]?.approval).toMatchObject({ count: 2, self: false, given: [] });
    expect(await refused(`/executions/${id}/approvals/A/one`, { result: 'Approved' })).toBe('approval_forbidden');
    const person = { cookie: tenant.cookie, origin: 'https://millrace.test' };
    const one = await tenant.post(`/executions/${id}/approvals/A/one`, { result: 'Approved' }, person);
    const after = look(await one.json<ExecutionView>());
    expect(after.stages[0]?.actions[0]?.approval?.given).toHaveLength(1);
    const again = await tenant.post(`/executions/${id}/approvals/A/one`, { result: 'Approved' }, person);
    expect(await again.json()).toMatchObject({ code: 'approval_given_already' });
  });
});

afterAll(() => {
  // Reference 3.2. `Skipped` passes through InProgress here, because its condition is evaluated inside the lock.
  const wanted = [
    ...['Succeeded', 'Failed', 'Superseded', 'Stopping', 'Cancelled'].map((to) => `execution InProgress → ${to}`),
    'execution - → InProgress',
    'execution Stopping → Stopped',
    'execution Failed → InProgress',
    'execution Stopped → InProgress',
    'stage - → InProgress',
    ...['Succeeded', 'Failed', 'Stopping', 'Cancelled'].map((to) => `stage InProgress → ${to}`),
    'stage Stopping → Stopped',
    'stage Failed → InProgress',
    'stage Stopped → InProgress',
    ...['Succeeded', 'Failed', 'Abandoned'].map((to) => `action InProgress → ${to}`),
    'condition Failed → Overridden',
  ];
  const statuses = [
    ['stage', 'Skipped'],
    ...['Succeeded', 'Failed', 'Errored', 'Abandoned', 'Cancelled'].map((status) => ['condition', status]),
  ] as const;
  const hasBeen = (what: string, status: string): boolean =>
    [...seen].some((arrow) => arrow.startsWith(what) && arrow.endsWith(`→ ${status}`));
  expect(wanted.filter((arrow) => !seen.has(arrow))).toEqual([]);
  expect(statuses.filter(([what = '', status = '']) => !hasBeen(what, status))).toEqual([]);
});
