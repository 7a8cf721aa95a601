import { describe, expect, it } from 'vitest';
import { ApiClient } from '../src/lib/api/client.ts';

/** Nobody is signed in any more; how often were people sent to the sign-in page for it? */
function signedOut() {
  let sent = 0;
  const client = new ApiClient({
    fetch: () => Promise.resolve(Response.json({ code: 'unauthenticated' }, { status: 401 })),
    onUnauthenticated: () => (sent += 1),
    onServerTime: () => undefined,
  });
  const ask = (path: string) => client.get(path).catch(() => undefined);
  return { client, ask, sent: () => sent };
}

describe('an answer of 401', () => {
  it('sends to the sign-in page', async () => {
    const { ask, sent } = signedOut();
    await ask('/api/v1/me');
    expect(sent()).toBe(1);
  });

  it('sends nobody anywhere when a door says it, for that is about a wrong code', async () => {
    const { ask, sent } = signedOut();
    await ask('/api/auth/two-factor/verify-totp');
    expect(sent()).toBe(0);
  });

  it('sends nobody anywhere while they are leaving, and does again afterwards', async () => {
    const { client, ask, sent } = signedOut();
    await client.leaving(async () => {
      await ask('/api/v1/me');
    });
    expect(sent()).toBe(0);
    await ask('/api/v1/me');
    expect(sent()).toBe(1);
  });

  it('sends again when leaving did not work', async () => {
    const { client, ask, sent } = signedOut();
    await expect(client.leaving(() => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
    await ask('/api/v1/me');
    expect(sent()).toBe(1);
  });
});
