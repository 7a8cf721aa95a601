import { expect, it } from 'vitest';
import { GitHubDouble } from '../support/workerd/github-double.ts';
import { HookWorld } from '../support/workerd/hook-world.ts';

/** So many distinct pushes, each so often. */
const PUSHES = 20;
const COPIES = 50;
const AT_ONCE = 25;

it(`${PUSHES * COPIES} shuffled deliveries of ${PUSHES} pushes start ${PUSHES} executions`, async () => {
  const world = await HookWorld.create(GitHubDouble.open());
  await world.save('shop');
  const pushes = Array.from({ length: PUSHES }, (_, index) => ({
    message: world.push(),
    id: `push-${index}`,
  }));
  const all = shuffled(pushes.flatMap((push) => Array.from({ length: COPIES }, () => push)));
  const answers: { id: string; isNew: boolean }[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const batch = all.slice(at, at + AT_ONCE).map(async ({ message, id }) => {
      const response = await world.send(message, { id });
      expect(response.status).toBe(202);
      answers.push(await response.json());
    });
    await Promise.all(batch);
  }
  await world.rest();
  expect(answers.filter(({ isNew }) => isNew)).toHaveLength(PUSHES);
  expect(await world.listed('?limit=100')).toHaveLength(PUSHES);
  expect(await world.executions('shop')).toHaveLength(PUSHES);
}, 120_000);

/** The same every time. */
function shuffled<T>(items: readonly T[]): T[] {
  const out = [...items];
  let seed = 42;
  for (let at = out.length - 1; at > 0; at -= 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = seed % (at + 1);
    const [one, two] = [out[at] as T, out[other] as T];
    out[at] = two;
    out[other] = one;
  }
  return out;
}
