import { generateKeyPairSync } from 'node:crypto';
import { App } from 'octokit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { jwt } from '../../../worker/hosts/github/app.ts';

const NOW = Date.parse('2026-11-25T12:00:00.789Z');

afterEach(() => {
  vi.useRealTimers();
});

describe('what an app asks with', () => {
  it('is what GitHub’s own client makes of the same key in the same second', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const type of ['pkcs1', 'pkcs8'] as const) {
      const privateKey = pair.privateKey.export({ type, format: 'pem' }).toString();
      const theirs = (await new App({ appId: '4711', privateKey }).octokit.auth({ type: 'app' })) as {
        token: string;
      };
      const ours = await jwt({ kind: 'app', appId: '4711', privateKey }, { now: () => NOW });
      const claims = (token: string): unknown =>
        JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims(ours)).toEqual({ iat: 1_795_607_970, exp: 1_795_608_570, iss: '4711' });
      expect(claims(theirs.token)).toEqual(claims(ours));
      expect(ours).toBe(theirs.token);
    }
  });

  it.each([1024, 2048])('is made with a key of %i bits', async (modulusLength) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const token = await jwt({ kind: 'app', appId: '4711', privateKey: pem }, { now: () => NOW });
    expect(token.split('.')).toHaveLength(3);
  });

  it.each(['', 'text', '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----', 'ssh-rsa AAAA'])(
    'is made with no other key: %j',
    async (privateKey) => {
      const made = jwt({ kind: 'app', appId: '4711', privateKey }, { now: () => NOW });
      await expect(made).rejects.toMatchObject({ code: 'ConfigurationError' });
    },
  );
});
