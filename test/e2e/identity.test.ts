import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditEntry } from '../../contract/audit.ts';
import { LocalServer } from '../support/local-server.ts';

const AUDIENCE = 'relying-party.example';

/** What a script of anybody's would do, without a program of ours. */
const ASKING = `
name: asking
stages:
  - name: Release
    actions:
      - name: Ship
        identity: true
        outputVariables: [TOKEN]
        commands:
          - |
            curl -sSf "$MILLRACE_ID_TOKEN_REQUEST_URL" -H "authorization: Bearer $MILLRACE_ID_TOKEN_REQUEST_TOKEN" \\
              -H 'content-type: application/json' -d '{"audience": "${AUDIENCE}"}' > answer.json
          - echo "asked with $MILLRACE_ID_TOKEN_REQUEST_TOKEN"
          - sed 's/.*"token":"\\([^"]*\\)".*/TOKEN=\\1/' answer.json >> "$MILLRACE_OUTPUT"
      - name: Build
        commands: ['env | grep ID_TOKEN && exit 1 || echo "nothing to ask with"']
`;

let server: LocalServer;

beforeAll(async () => {
  server = await LocalServer.create();
  await server.start();
});
afterAll(() => server.remove());

it('a job proves to a relying party which action it is, with curl alone', async () => {
  await server.save('asking', ASKING);
  const { id } = await server.startExecution('asking');
  const { status, stages } = await server.until(id, ({ endedAt }) => endedAt !== null);
  expect(status).toBe('Succeeded');

  const { url, tenant } = server.demo;
  const discovery = await fetch(`${url}/.well-known/openid-configuration`);
  const { issuer, jwks_uri: keys } = (await discovery.json()) as { issuer: string; jwks_uri: string };
  const token = stages[0]?.actions.find(({ name }) => name === 'Ship')?.outputs['TOKEN'] ?? '';
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(keys)), {
    issuer,
    audience: AUDIENCE,
    algorithms: ['RS256'],
  });
  expect(payload).toMatchObject({ execution_id: id, pipeline: 'asking', stage: 'Release', action: 'Ship' });
  expect(payload.sub).toContain(`:stage:Release:action:Ship`);
  expect(tenant).not.toBe('');

  const { text } = await server.log(id, 'Release', 'Ship');
  expect(text).toMatch(/^asked with \*+$/m);
  expect(text).not.toContain('mr_jid_');
  const { items } = (await server.client.get('/audit?verb=identity:mint')) as { items: AuditEntry[] };
  expect(items).toMatchObject([{ outcome: 'allowed', after: { audience: AUDIENCE, execution: id, action: 'Ship' } }]);
});
