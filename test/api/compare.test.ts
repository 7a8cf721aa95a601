import { expect, it } from 'vitest';
import { Comparison } from '../../contract/compare.ts';
import { TestTenant } from '../support/workerd/client.ts';

const definition = (more = ''): string => `
name: shop
variables: [{ name: target, default: staging }]
stages:
  - name: First
    actions: [{ name: Ask, type: Approval/Manual }${more}]
`;

it('two executions are compared by what went in, how they went, and the definitions behind them', async () => {
  const tenant = await TestTenant.create();
  await tenant.save('shop', definition());
  const one = await tenant.start('shop');
  await tenant.post(`/executions/${one.id}/approvals/First/Ask`, { result: 'Approved' });
  await tenant.ended(one.id);
  await tenant.save('shop', definition(', { name: Again, runOrder: 2, type: Approval/Manual }'));
  const two = await tenant.start('shop', { variables: { target: 'production' } });
  await tenant.post(`/executions/${two.id}/approvals/First/Ask`, { result: 'Rejected', summary: 'Not today.' });
  await tenant.ended(two.id);

  const answer = Comparison.parse(await tenant.get(`/executions/${one.id}/compare/${two.id}`));
  expect(answer).toMatchObject({
    a: { id: one.id, version: 1, status: 'Succeeded' },
    b: { id: two.id, version: 2, status: 'Failed' },
    variables: [{ name: 'target', a: 'staging', b: 'production', isSame: false }],
    stages: [
      {
        name: 'First',
        isSame: false,
        actions: [{ name: 'Ask', error: { a: null, b: 'Not today.' } }, { name: 'Again' }],
      },
    ],
    definition: [{ kind: 'added', what: 'action', name: 'Again' }],
  });
  const itself = Comparison.parse(await tenant.get(`/executions/${two.id}/compare/${two.id}`));
  expect(itself).toMatchObject({ variables: [], stages: [{ isSame: true }], definition: [] });

  const stranger = await TestTenant.create();
  expect((await stranger.fetch(`/executions/${one.id}/compare/${two.id}`)).status).toBe(404);
  expect((await tenant.fetch(`/executions/${one.id}/compare/nonsense`)).status).toBe(404);
});
