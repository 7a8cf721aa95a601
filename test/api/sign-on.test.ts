import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Company, SignOnWorld } from '../support/workerd/sign-on-world.ts';

const [issuer, other] = inject('openIdIssuers');

let world: SignOnWorld;
beforeAll(() => {
  world = new SignOnWorld([issuer, other]);
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe.each([
  ['in the ID token', issuer],
  ['at the userinfo endpoint', other],
])('a provider that says who people are %s', (_, of) => {
  it('lets somebody new in as a member with the default role, and again as the same person', async () => {
    const company = await Company.founded(world, of, { defaultRole: 'operator' });
    const email = company.address('grace');
    const said = { sub: 'grace', email, email_verified: true, name: 'Grace Hopper' };
    const first = await company.signOn(said);
    expect(first.at).toBe('/pipelines');
    expect((await first.person.fetch('GET', '/api/v1/pipelines')).status).toBe(200);
    // Later the address does not matter, only the subject.
    const second = await company.signOn({ ...said, email: 'renamed@elsewhere.example' });
    expect(second.at).toBe('/pipelines');
    const { items } = await company.owner.ok<{ items: { email: string }[] }>('GET', '/api/v1/members');
    expect(items.filter((one) => one.email !== company.owner.email)).toMatchObject([
      { email, name: 'Grace Hopper', role: 'operator' },
    ]);
  });
});
