import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkpointOf, signedText } from '../../../worker/audit/checkpoint.ts';
import { type AuditDraft, type AuditEntry, chained, GENESIS } from '../../../worker/audit/entry.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { endOf, millrace } from '../../support/cli/runner-process.ts';
import { problem, TestServer } from '../../support/cli/test-server.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const KEY = { id: 'key-1', algorithm: 'Ed25519', publicKey: publicKey.export({ format: 'jwk' }).x };
const digest = (text: string) => Promise.resolve(createHash('sha256').update(text).digest('hex'));

async function anExport(count: number): Promise<string> {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    const draft: AuditDraft = {
      id: `e${seq}`,
      at: '2026-11-25T12:00:00.000Z',
      actor: { type: 'person', id: 'u', name: 'Ada' },
      from: { ip: '203.0.113.7', userAgent: 'x' },
      verb: 'execution:start',
      route: 'POST /pipelines/{name}/executions',
      object: { type: 'pipeline', id: 'web-shop' },
      outcome: 'allowed',
      status: 201,
      requestId: `r${seq}`,
    };
    entries.push(await chained(draft, seq, entries.at(-1)?.hash ?? GENESIS, digest));
  }
  const checkpoint = checkpointOf(entries, { tenant: 'acme', at: '2026-11-25T13:00:00.000Z', key: KEY.id });
  if (checkpoint === undefined) throw new Error('no entries');
  const signature = sign(null, Buffer.from(signedText(checkpoint)), privateKey).toString('base64url');
  const lines = [
    { export: { format: 1, tenant: 'acme', at: '2026-11-25T13:00:00.000Z' } },
    ...entries.map((entry) => ({ entry })),
    { checkpoint, signature },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const aServer = (text: string): Promise<TestServer> =>
  TestServer.start({
    answer: ({ path, token }) => {
      if (token !== 'secret') return problem(401, 'unauthenticated', 'The token is not valid here.');
      if (path === '/audit/key') return { status: 200, body: KEY };
      return path === '/audit/export' ? { status: 200, body: text } : { status: 404 };
    },
  });

const run = (args: readonly string[], env: Record<string, string> = {}) => endOf(millrace(['audit', ...args], env));

describe('millrace audit', () => {
  it('verifies the log of a server', async () => {
    const { url } = await aServer(await anExport(5));
    const { code, output } = await run(['verify'], { MILLRACE_URL: url, MILLRACE_TOKEN: 'secret' });
    expect(output).toContain('5 entries of tenant acme are as they were written, under 1 signed checkpoints.');
    expect(code).toBe(0);
  });

  it('saves the log and the key, and verifies them without any server', async () => {
    const text = await anExport(3);
    const { url } = await aServer(text);
    const env = { MILLRACE_URL: url, MILLRACE_TOKEN: 'secret' };
    const [log, key] = [join(await aFolder(), 'log'), join(await aFolder(), 'key')];
    expect((await run(['export', log], env)).code).toBe(0);
    expect(await readFile(log, 'utf8')).toBe(text);
    await writeFile(key, (await run(['key'], env)).output);
    expect(await run(['verify', '--file', log, '--key', key])).toMatchObject({ code: 0 });
  });

  it('verifies the log in an export of a whole tenant, packed as it comes, and only what is left of it', async () => {
    const folder = await aFolder();
    const [file, key] = [join(folder, 'acme.ndjson.gz'), join(folder, 'key')];
    await writeFile(key, JSON.stringify(KEY));
    const log = (await anExport(4)).trimEnd().split('\n');
    const archive = (lines: readonly string[]) =>
      gzipSync(
        [
          '{"type":"tenant","id":"acme"}',
          '{"type":"settings"}',
          ...lines.map((line) => `{"type":"audit","line":${line}}`),
          '{"type":"execution","entry":{"seq":9}}',
          '{"type":"end"}',
        ]
          .map((line) => `${line}\n`)
          .join(''),
      );
    await writeFile(file, archive(log));
    const whole = await run(['verify', '--file', file, '--key', key]);
    expect(whole.output).toContain('4 entries of tenant acme are as they were written');
    expect(whole.code).toBe(0);
    await writeFile(file, archive(log.filter((_, index) => index !== 2)));
    expect((await run(['verify', '--file', file, '--key', key])).code).toBe(1);
  });

  it('names the first broken link when one byte was changed, and fails', async () => {
    const folder = await aFolder();
    const [log, key] = [join(folder, 'log'), join(folder, 'key')];
    await writeFile(key, JSON.stringify(KEY));
    const text = await anExport(5);
    await writeFile(log, text.replace('"requestId":"r3"', '"requestId":"r8"'));
    expect(await run(['verify', '--file', log, '--key', key])).toMatchObject({
      code: 1,
      output: 'millrace: The audit log does not verify. Line 4: Entry 3 is not what was written.\n',
    });
    await writeFile(log, text.split('\n').toSpliced(3, 1).join('\n'));
    expect((await run(['verify', '--file', log, '--key', key])).output).toContain('Entry 3 is missing');
    await writeFile(log, text);
    await writeFile(key, JSON.stringify({ ...KEY, id: 'another' }));
    expect((await run(['verify', '--file', log, '--key', key])).output).toContain('which is not known here');
  });
});
