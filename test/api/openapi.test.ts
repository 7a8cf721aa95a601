import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import worker from '../../worker/main.ts';

it('the stored OpenAPI document is the one that is served', async () => {
  const request = new Request('https://millrace.example/api/v1/openapi.json');
  const response = await worker.fetch(request as never, env, {} as never);
  const text = `${JSON.stringify(await response.json(), null, 2)}\n`;
  await expect(text, 'contract/openapi.json is stale. Run `npm run openapi`.').toMatchFileSnapshot(
    '../../contract/openapi.json',
  );
});
