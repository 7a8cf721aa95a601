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
    expect(await world.verdicts(id)).toEqual({
      asking: 'Waiting',
      refusing: 'Filtered',
      running: 'Started',
      shop: 'Filtered',
    });
  });
});
