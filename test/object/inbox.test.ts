import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import worker from '../../worker/main.ts';
import type { PipelineId, TenantId } from '../../worker/engine/ids.ts';
import type { BranchTip, NewDelivery } from '../../worker/objects/inbox/inbox-orders.ts';
import { InboxCore, type InboxServices } from '../../worker/objects/inbox/inbox-core.ts';
import { SqlInboxStore } from '../../worker/objects/inbox/sql-inbox-store.ts';
import { objectName } from '../../worker/objects/names.ts';
import type { DeliveryVerdict } from '../../worker/objects/pipeline/deliveries.ts';
import { durableOf } from '../../worker/objects/sql.ts';
import { GitHubDouble } from '../support/workerd/github-double.ts';
import { HookWorld } from '../support/workerd/hook-world.ts';

const TENANT = 'inboxes' as TenantId;
const HOUR = 60 * 60_000;
const hook = { id: 'hk', kind: 'github', name: 'shop', connectionId: 'c', repository: null };
const started: DeliveryVerdict = { kind: 'Started', execution: 'e' as never, number: 1, isNew: true, notes: [] };
const full: DeliveryVerdict = {
  kind: 'Refused',
  code: 'execution_quota_exceeded',
  message: 'No room.',
  isSuperseding: true,
  retryAfterSeconds: 5,
};

function delivery(id: string, repository = 'o/r'): NewDelivery {
  return {
    id,
    hook,
    name: 'push',
    events: [
      {
        kind: 'push',
        repository: { name: repository },
        ref: { kind: 'branch', name: 'main' },
        after: { id: 'a'.repeat(40) },
        actor: { name: 'ada' },
      },
    ],
    headers: {},
    sizeBytes: 1,
    payload: new Uint8Array([1]),
  };
}

/** A core on real storage, with a world that answers as it is told to, and a clock that stands still. */
async function inbox(
  name: string,
  body: (of: {
    core: InboxCore;
    again: (flush?: () => Promise<void>) => InboxCore;
    world: World;
    store: SqlInboxStore;
  }) => Promise<void>,
): Promise<void> {
  const stub = env.INBOXES.getByName(objectName.inbox(TENANT, name));
  await runInDurableObject(stub, async (_, { storage }) => {
    const world = new World();
    const store = new SqlInboxStore(storage.sql);
    const again = (flush = () => storage.sync()) =>
      new InboxCore({
        ...world.services,
        tenant: TENANT,
        hook: name,
        durable: { ...durableOf(storage), flush },
        store,
        armedAt: undefined,
        later: () => undefined,
      });
    await body({ core: again(), again, world, store });
    await storage.deleteAll();
    await storage.deleteAlarm();
  });
}

class World {
  now = 1_000_000;
  tips: BranchTip[] = [];
  answers: (DeliveryVerdict | Error)[] = [];
  readonly offered: string[] = [];

  readonly services: InboxServices = {
    clock: { now: () => this.now },
    log: { info: () => undefined, error: () => undefined },
    route: () =>
      Promise.resolve({
        kind: 'Pipelines',
        targets: [{ pipeline: 'p' as PipelineId, name: 'shop', watched: [] }],
      }),
    deliver: (_, __, { key }) => {
      this.offered.push(key.split('\n')[1] ?? '');
      const answer = this.answers.shift() ?? started;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    ask: () => Promise.reject(new Error('the host is away')),
    tips: () => Promise.resolve(this.tips),
    forgetPayloads: () => Promise.resolve(),
  };
}

const kindsOf = (store: SqlInboxStore, id: string) =>
  store.verdicts(store.byId(id)?.seq ?? 0).map(({ verdict }) => verdict.kind);

describe('an inbox', () => {
  it('offers what was kept before a crash, afterwards', async () => {
    await inbox('crash', async ({ again, world, store }) => {
      // It goes down with what it has kept: nothing is ever offered by it.
      again(() => new Promise(() => undefined)).receive(delivery('one'));
      expect(world.offered).toEqual([]);
      const other = again();
      other.ring();
      await other.settled();
      expect(kindsOf(store, 'one')).toEqual(['Started']);
      expect(world.offered).toEqual(['one']);
      expect(other.backlog).toBe(0);
    });
  });

  it('offers again under the same key when the answer was lost', async () => {
    await inbox('lost', async ({ core, world, store }) => {
      world.answers = [new Error('the answer was lost')];
      core.receive(delivery('one'));
      await core.settled();
      expect(kindsOf(store, 'one')).toEqual([]);
      world.now += 1_000;
      core.ring();
      await core.settled();
      expect(world.offered).toEqual(['one', 'one']);
      expect(kindsOf(store, 'one')).toEqual(['Started']);
    });
  });

  it('keeps the order of one repository while others go on', async () => {
    await inbox('order', async ({ core, world }) => {
      world.answers = [new Error('away')];
      core.receive(delivery('first'));
      core.receive(delivery('second'));
      core.receive(delivery('elsewhere', 'o/other'));
      await core.settled();
      expect(world.offered).toEqual(['first', 'elsewhere']);
      world.now += 1_000;
      core.ring();
      await core.settled();
      expect(world.offered).toEqual(['first', 'elsewhere', 'first', 'second']);
    });
  });

  it('tries what had no room again, until a newer one of the branch takes its place', async () => {
    await inbox('room', async ({ core, world, store }) => {
      world.answers = [full];
      core.receive(delivery('old'));
      await core.settled();
      expect(kindsOf(store, 'old')).toEqual(['Retrying']);
      world.answers = [started, full];
      core.receive(delivery('new'));
      await core.settled();
      world.now += 10_000;
      core.ring();
      await core.settled();
      expect([kindsOf(store, 'old'), kindsOf(store, 'new')]).toEqual([['Superseded'], ['Started']]);
    });
  });

  it('gives up after an hour and says why', async () => {
    await inbox('hour', async ({ core, world, store }) => {
      world.answers = Array.from({ length: 100 }, () => full);
      core.receive(delivery('one'));
      for (let round = 0; round < 40; round += 1) {
        await core.settled();
        world.now += 5 * 60_000;
        core.ring();
      }
      await core.settled();
      expect(kindsOf(store, 'one')).toEqual(['Refused']);
      expect(world.offered.length).toBeLessThan(25);
    });
  });

  it('runs rather than waits for a host that does not say which files were changed', async () => {
    await inbox('files', async ({ core, world, store }) => {
      const needs: DeliveryVerdict = { kind: 'Needs', what: ['files'] };
      world.answers = [needs, needs];
      core.receive(delivery('one'));
      await core.settled();
      expect(kindsOf(store, 'one')).toEqual([]);
      world.now += 6 * 60_000;
      core.ring();
      await core.settled();
      expect(kindsOf(store, 'one')).toEqual(['Started']);
    });
  });

  it('forgets what is older than a month, and then sleeps for good', async () => {
    await inbox('old', async ({ core, again, world, store }) => {
      core.receive(delivery('one'));
      await core.settled();
      world.now += 31 * 24 * 60 * 60_000;
      store.put('forgottenAt', 0);
      again().ring();
      const other = again();
      other.ring();
      await other.settled();
      expect(store.byId('one')).toBeUndefined();
    });
  });

  it('finds by comparison what no delivery told of, once, and nothing that was there before', async () => {
    await inbox('compare', async ({ core, world, store }) => {
      const hour = async (tip: string): Promise<void> => {
        world.tips = [{ repository: 'o/r', branch: 'main', commit: { id: tip.repeat(40) } }];
        world.now += 61 * 60_000;
        core.ring();
        await core.settled();
        await core.settled();
      };
      core.watch(hook);
      await hour('0');
      expect(world.offered).toEqual([]);
      core.receive(delivery('told'));
      await core.settled();
      await hour('a');
      expect(world.offered).toEqual(['told']);
      await hour('b');
      await hour('b');
      const id = `reconcile:o/r:main:${'b'.repeat(40)}`;
      expect(world.offered).toEqual(['told', id]);
      expect(kindsOf(store, id)).toEqual(['Started']);
    });
  });

  it('asks to be left alone when too much waits, and still knows what it has', async () => {
    await inbox('full', async ({ core, again, store }) => {
      core.receive(delivery('one'));
      await core.settled();
      Object.defineProperty(store, 'countOpen', { value: () => 20_000 });
      const busy = again();
      expect(busy.receive(delivery('two'))).toEqual({ ok: false, retryAfterSeconds: 30 });
      expect(busy.receive(delivery('one'))).toEqual({ ok: true, isNew: false });
    });
  });
});

describe('the real inbox', () => {
  let host: GitHubDouble;
  let world: HookWorld;

  beforeAll(async () => {
    host = GitHubDouble.open();
    world = await HookWorld.create(host);
    await world.save('shop');
  });

  it('knows a delivery again after it has lost its memory, and is asleep in between', async () => {
    const message = world.push();
    const id = await world.deliver(message);
    await runDurableObjectAlarm(world.inbox);
    await evictDurableObject(world.inbox);
    const again = await world.send(message, { id });
    expect(await again.json()).toEqual({ id, isNew: false });
    expect(await world.executions('shop')).toHaveLength(1);
    await runInDurableObject(world.inbox, async (_, { storage }) => {
      const alarm = await storage.getAlarm();
      expect((alarm ?? 0) - Date.now()).toBeGreaterThan(50 * 60_000);
    });
  });

  it('is woken by the sweeper, once an hour, when its alarm was lost', async () => {
    await world.deliver(world.push());
    const alarm = () => runInDurableObject(world.inbox, (_, { storage }) => storage.getAlarm());
    await runInDurableObject(world.inbox, (_, { storage }) => storage.deleteAlarm());
    await evictDurableObject(world.inbox);
    const sweepAt = async (minute: number) => {
      const hour = Math.ceil(Date.now() / HOUR) * HOUR;
      vi.useFakeTimers({ toFake: ['Date'], now: hour + minute * 60_000 });
      await worker.scheduled({ scheduledTime: 0, cron: '', noRetry: () => undefined }, env);
      vi.useRealTimers();
    };
    await sweepAt(10);
    expect(await alarm()).toBeNull();
    await sweepAt(2);
    expect(await alarm()).not.toBeNull();
  });

  it('asks the host where branches stand, and starts what no delivery told of', async () => {
    const own = await HookWorld.create(host);
    await own.save('shop');
    const compare = async (tip: string): Promise<void> => {
      host.branches.set('main', tip);
      await runInDurableObject(own.inbox, async (object, { storage }) => {
        storage.sql.exec("UPDATE setting SET body = '0' WHERE name = 'compareAt'");
        object.poke();
        await object.settled(own.tenant.id as TenantId);
      });
      await own.rest();
    };
    await compare('1'.repeat(40));
    expect(await own.executions('shop')).toHaveLength(0);
    await compare('2'.repeat(40));
    const [delivery] = await own.listed('?commit=2222222');
    expect(delivery).toMatchObject({
      id: `reconcile:Example-Org/Shop:main:${'2'.repeat(40)}`,
      kind: 'Started',
      summary: 'push to main: Sell at night',
    });
    await compare('2'.repeat(40));
    expect(await own.executions('shop')).toHaveLength(1);
  });

  it('leaves nothing behind when its hook goes', async () => {
    const own = await HookWorld.create(host);
    await own.deliver(own.push());
    const gone = await own.tenant.fetch(`/connections/${own.connection}/hooks/${own.hook}`, { method: 'DELETE' });
    expect(gone.status).toBe(204);
    await runInDurableObject(own.inbox, async (_, { storage }) => {
      const names = storage.sql.exec<{ name: string }>('SELECT name FROM sqlite_master').toArray();
      expect(names.filter(({ name }) => !name.startsWith('_cf_'))).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  it('refuses to be asked for another tenant', async () => {
    await runInDurableObject(world.inbox, (object) => {
      expect(() => object.standing('other' as TenantId)).toThrow('another tenant');
    });
  });
});
