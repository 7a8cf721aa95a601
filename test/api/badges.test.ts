import { beforeAll, describe, expect, it } from 'vitest';
import { call, TestTenant } from '../support/workerd/client.ts';

interface Address {
  readonly url: string;
  readonly markdown: string;
}

describe('the badge of a pipeline', () => {
  let tenant: TestTenant;
  let address: Address;
  beforeAll(async () => {
    tenant = await TestTenant.create();
    await tenant.save(
      'shop',
      'name: shop\nstages: [{ name: S, actions: [{ name: d, type: Invoke/Delay, configuration: { Seconds: "0" } }] }]',
    );
    address = await (await tenant.fetch('/pipelines/shop/badge')).json();
  });
  const look = (url: string) => call(url.replace(/^https:\/\/[^/]+/, ''));

  it('is seen by whoever has its address, and by nobody else', async () => {
    const found = await look(address.url);
    expect(found.status).toBe(200);
    expect(found.headers.get('content-type')).toMatch('image/svg+xml');
    expect(found.headers.get('cache-control')).toBe('public, max-age=30');
    expect(found.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(await found.text()).toContain('aria-label="shop: never run"');
    expect(address.markdown).toContain(address.url);

    const [, place = '', , key = ''] = /badge\/([^.]+)\.([^.]+)\.([^.]+)\.svg$/.exec(address.url) ?? [];
    for (const url of [
      address.url.replace(place, 'someothertenant0'),
      address.url.replace(key, `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`),
      address.url.replace(key, ''),
      address.url.replace(/badge\/.*/, 'badge/x.svg'),
    ]) {
      const refused = await look(url);
      expect(refused.status, url).toBe(404);
      expect(await refused.text()).toContain('pipeline: unknown');
    }
  });

  it('shows how the newest execution ended, on the branch that is asked for', async () => {
    const { id } = await tenant.start('shop');
    await tenant.ended(id);
    // Badges read the index, which hears of an end a moment later.
    await expect.poll(async () => (await look(address.url)).text()).toContain('shop: succeeded');
    const other = await (await look(`${address.url}?branch=${encodeURIComponent('a<b>"')}`)).text();
    expect(other).toContain('shop · a&#60;b&#62;&#34;: never run');
    expect(other).not.toContain('<b>');
  });

  it("has an address that only those are told who may see the pipeline, and another tenant's name opens nothing", async () => {
    const other = await TestTenant.create();
    expect((await other.fetch('/pipelines/shop/badge')).status).toBe(404);
  });
});
