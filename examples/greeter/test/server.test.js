import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { greeter } from '../src/server.js';

const server = greeter();
let base = '';

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test('answers health checks with its version', async () => {
  const response = await fetch(`${base}/health`);
  assert.equal((await response.json()).status, 'ok');
});

test('greets whoever is named in the path', async () => {
  const response = await fetch(`${base}/greet/Gr%C3%A4fin`, { headers: { 'accept-language': 'de' } });
  assert.deepEqual(await response.json(), { greeting: 'Hallo, Gräfin!' });
});

test('says what to try instead of an unknown path', async () => {
  assert.equal((await fetch(`${base}/nothing`)).status, 404);
});
