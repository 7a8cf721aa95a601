import { beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/workerd/client.ts';
import { GitHubDouble } from '../support/workerd/github-double.ts';
import { HookWorld, MALLORY, SHOP } from '../support/workerd/hook-world.ts';

let host: GitHubDouble;
let world: HookWorld;

beforeAll(async () => {
  host = GitHubDouble.open();
  world = await HookWorld.create(host);
  await world.save('shop');
});

async function problem(response: Response): Promise<{ status: number; code: string; body: string }> {
  const body = await response.text();
  return { status: response.status, code: (JSON.parse(body) as { code: string }).code, body };
}

describe('a signed delivery', () => {
  it('starts the pipelines that watch the branch, at exactly that commit', async () => {
    const id = await world.deliver(world.push());
    expect(await world.verdicts(id)).toEqual({ shop: 'Started' });
    const [execution] = await world.executions('shop');
    expect(execution?.trigger).toEqual({ type: 'WebhookV2', by: 'octocat', detail: 'push to main: Sell more' });
  });

  it('is answered alike and starts nothing when it comes again', async () => {
    const message = world.push();
    const first = await world.deliver(message, { id: 'again' });
    const before = await world.executions('shop');
    const again = await world.send(message, { id: first });
    expect(await again.json()).toEqual({ id: 'again', isNew: false });
    // The id of a delivery is not signed: under another one it is the same.
    const disguised = await world.send(message, { id: 'other' });
    expect(await disguised.json()).toMatchObject({ isNew: false });
    await world.inbox.settled(world.tenant.id as never);
    expect(await world.executions('shop')).toHaveLength(before.length);
  });

  it('says why it starts nothing', async () => {
    expect(await world.verdicts(await world.deliver(world.push({ ref: 'refs/heads/dev' })))).toEqual({
      shop: 'Filtered',
    });
    expect(await world.verdicts(await world.deliver(world.deletion('refs/heads/main')))).toEqual({
      shop: 'Filtered',
    });
  });

  it('about another repository than the hook’s is refused', async () => {
    await world.save('other', '', 'BranchName: main', 'Example-Org/Other');
    const push = world.push({ repository: { name: 'Example-Org/Other', id: '4712' } });
    expect(await world.verdicts(await world.deliver(push))).toEqual({ '': 'WrongRepository' });
  });

  it('about a repository that was renamed still finds its pipelines', async () => {
    const own = await HookWorld.create(host);
    await own.save('shop');
    expect(await own.verdicts(await own.deliver(own.push()))).toEqual({ shop: 'Started' });
    const renamed = { ...SHOP, name: 'Example-Org/Store' };
    expect(await own.verdicts(await own.deliver(own.push({ repository: renamed })))).toEqual({ shop: 'Started' });
    const thief = { name: 'Example-Org/Store', id: '999' };
    expect(await own.verdicts(await own.deliver(own.push({ repository: thief })))).toEqual({ '': 'NoPipeline' });
  });

  it('without anything in it is kept all the same', async () => {
    const id = await world.deliver({ event: 'star', payload: { action: 'created' } });
    expect(await world.verdicts(id)).toEqual({ '': 'Ignored' });
  });
});

describe('what is not to be believed', () => {
  it('is refused before it is looked at, and nothing of it is kept', async () => {
    const wrong = await problem(await world.send(world.push(), { secret: 'wrong' }));
    expect(wrong).toMatchObject({ status: 401, code: 'delivery_unverified' });
    expect(wrong.body).not.toContain(world.secret);
    const { unverified } = await world.inbox.standing(world.tenant.id as never);
    expect(unverified).toHaveLength(1);
    expect(unverified[0]).toMatchObject({ reason: expect.any(String) as string });
    expect(JSON.stringify(unverified)).not.toContain('Sell more');
  });

  it('finds no hook, whatever its id looks like', async () => {
    const ids = ['nothing', `hk_${world.tenant.id}_${'0'.repeat(24)}`, 'hk_other_aaaaaaaaaaaaaaaaaaaaaaaa'];
    const answers = await Promise.all(ids.map(async (hook) => problem(await world.send(world.push(), { hook }))));
    const bodies = answers.map(({ body }) => body.replace(/"requestId":"[^"]*"/, ''));
    expect(new Set(bodies).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, code: 'hook_not_found' });
  });

  it('is not read when it is too large', async () => {
    const body = new Uint8Array(25 * 1024 * 1024 + 1);
    const response = await call(`/api/v1/hooks/${world.hook}`, { method: 'POST', body });
    expect(await problem(response)).toMatchObject({ status: 413, code: 'payload_too_large' });
  });

  it('cannot start what another tenant has', async () => {
    const other = await HookWorld.create(host);
    await other.save('shop');
    const before = await world.executions('shop');
    const id = await other.deliver(other.push());
    expect(await other.verdicts(id)).toEqual({ shop: 'Started' });
    expect(await world.executions('shop')).toHaveLength(before.length);
    // Nor does the secret of one open the hook of the other.
    expect((await other.send(other.push(), { hook: world.hook })).status).toBe(401);
  });
});

describe('pull requests', () => {
  const triggers = 'triggers: [{ source: Code, pullRequest: [{ branches: { includes: [main] } }] }]';

  it('from forks wait for somebody where the pipeline says so', async () => {
    await world.save('asking', `${triggers}\nforks: APPROVAL`);
    await world.save('refusing', `${triggers}\nforks: REFUSE`);
    await world.save('running', triggers);
    const id = await world.deliver(world.pullRequest({ from: MALLORY }));
    const verdicts = await world.verdicts(id);
    expect(verdicts).toEqual({
      asking: 'Waiting',
      refusing: 'Filtered',
      running: 'Started',
      shop: 'Filtered',
    });
  });

  it('are let in by somebody, once, and run as restricted as they would', async () => {
    const [waiting] = await world.listed('?verdict=Waiting&pipeline=asking');
    const approve = `/hooks/${world.hook}/deliveries/${waiting?.id ?? ''}/approve`;
    expect((await world.tenant.post(approve, { pipeline: 'asking' })).status).toBe(204);
    await world.rest();
    expect(await world.verdicts(waiting?.id ?? '')).toMatchObject({ asking: 'Started', refusing: 'Filtered' });
    expect(await problem(await world.tenant.post(approve, { pipeline: 'asking' }))).toMatchObject({ status: 409 });
    const [execution] = await world.executions('asking');
    const view = await world.tenant.get<{ revisions: unknown }>(`/executions/${execution?.id ?? ''}`);
    expect(JSON.stringify(view)).toContain('Sell shoes');
  });

  it('with filters of files have the host asked for them', async () => {
    await world.save(
      'web',
      'triggers: [{ source: Code, pullRequest: [{ branches: { includes: [main] }, filePaths: { includes: ["web/**"] } }] }]',
    );
    host.changed.splice(0, 2, 'docs/a.md');
    expect(await world.verdicts(await world.deliver(world.pullRequest()))).toMatchObject({ web: 'Filtered' });
    host.changed.push('web/index.html');
    expect(await world.verdicts(await world.deliver(world.pullRequest()))).toMatchObject({ web: 'Started' });
  });
});

describe('what came in', () => {
  let own: HookWorld;

  beforeAll(async () => {
    own = await HookWorld.create(host);
    await own.save('shop');
    await own.save('quiet', '', 'BranchName: main, DetectChanges: "false"');
  });

  it('is listed newest first, page by page, and found by what is known of it', async () => {
    const first = await own.deliver(own.push({ after: 'abc1230000000000000000000000000000000001' }));
    const second = await own.deliver(own.push({ ref: 'refs/heads/dev' }));
    const page = await own.tenant.get<{ items: { id: string }[]; nextCursor: string }>('/deliveries?limit=1');
    expect(page.items.map(({ id }) => id)).toEqual([second]);
    const rest = await own.listed(`?limit=1&cursor=${page.nextCursor}`);
    expect(rest.map(({ id }) => id)).toEqual([first]);
    expect((await own.listed('?commit=abc123')).map(({ id }) => id)).toEqual([first]);
    expect((await own.listed('?pipeline=shop&verdict=Filtered')).map(({ id }) => id)).toEqual([second]);
    expect(await own.listed('?repository=example-org/other')).toEqual([]);
    expect(rest[0]).toMatchObject({
      repository: 'Example-Org/Shop',
      ref: 'main',
      actor: 'octocat',
      kind: 'Started',
      verdicts: [
        { pipeline: 'quiet', kind: 'Filtered', text: 'Pushes start nothing here; only its other triggers do.' },
        { pipeline: 'shop', kind: 'Started', text: 'It started execution #1.' },
      ],
    });
  });

  it('is shown as it came, without a secret in it', async () => {
    const message = own.push({ message: `who leaked ${own.secret} into a commit?` });
    const id = await own.deliver(message);
    const path = `/hooks/${own.hook}/deliveries/${id}`;
    const details = await own.tenant.get<{ headers: Record<string, string>; payload: string }>(path);
    expect(JSON.parse(details.payload)).toMatchObject({ head_commit: { message: 'who leaked *** into a commit?' } });
    expect(details.headers).toMatchObject({ 'x-github-event': 'push' });
    expect(JSON.stringify(details)).not.toContain(own.secret);
  });

  it('is taken once more when somebody wants it', async () => {
    const id = await own.deliver(own.push());
    const before = await own.executions('shop');
    const replay = await own.tenant.post(`/hooks/${own.hook}/deliveries/${id}/replay`, {});
    expect(await replay.json()).toEqual({ id: `replay:${id}:1` });
    await own.rest();
    expect(await own.executions('shop')).toHaveLength(before.length + 1);
  });

  it('answers why a commit started nothing, or what it started', async () => {
    const commit = 'feed000000000000000000000000000000000001';
    await own.deliver(own.push({ after: commit }));
    const why = (of: string, sha: string) =>
      own.tenant.get<{ kind: string }>(`/pipelines/${of}/why-not?commit=${sha}`);
    expect(await why('shop', commit)).toMatchObject({ kind: 'Started', execution: expect.any(String) as string });
    expect(await why('quiet', commit.slice(0, 8))).toMatchObject({ kind: 'Filtered', execution: null });
    expect(await why('shop', 'dead000')).toMatchObject({
      kind: null,
      text: expect.stringContaining('No delivery') as string,
    });
    await own.save('far', '', 'BranchName: main', 'Example-Org/Far');
    expect(await why('far', 'dead000')).toMatchObject({
      text: 'No hook tells of example-org/far. Register one at its connection.',
    });
  });

  it('is nobody else’s to see', async () => {
    const [delivery] = await own.listed('');
    const path = `/hooks/${own.hook}/deliveries/${delivery?.id ?? ''}`;
    expect((await world.tenant.fetch(path)).status).toBe(404);
    expect((await world.tenant.post(`${path}/replay`, {})).status).toBe(404);
    expect((await world.listed('?limit=100')).map(({ id }) => id)).not.toContain(delivery?.id);
  });
});
