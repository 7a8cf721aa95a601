import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { AuditKey } from '../../../contract/audit.ts';
import { linesOf, verifyExport } from '../client/audit.ts';
import { Client } from '../client/client.ts';
import { findServer } from '../client/find-server.ts';

interface ServerOptions {
  readonly url?: string;
  readonly token?: string;
}

interface VerifyOptions extends ServerOptions {
  readonly file?: string;
  readonly key: readonly string[];
}

export function auditCommand(program: Command): void {
  const audit = program.command('audit').description('The audit log of a tenant');
  const server = (command: Command): Command =>
    command
      .option('--url <url>', 'the Millrace server')
      .option('--token <token>', 'a token that may read the audit log; better given as MILLRACE_TOKEN');

  server(audit.command('export'))
    .description('Save the whole log, one JSON a line')
    .argument('<file>', 'where to')
    .action((file: string, options: ServerOptions) => save(file, options));

  server(audit.command('key'))
    .description('Print the public key that the log is signed with, to be kept apart from it')
    .action(async (options: ServerOptions) => console.log(JSON.stringify(await keyOf(options))));

  server(audit.command('verify'))
    .description('Check that nothing in the log was changed, left out, put in or cut off')
    .option(
      '--file <export>',
      'an export of the log, or of the whole tenant; without it, the log is read from the server',
    )
    .option(
      '--key <file>',
      'a public key as `audit key` prints it; may be repeated, and with --file needs no server',
      add,
      [],
    )
    .action((options: VerifyOptions) => check(options));
}

async function check({ file, key, ...at }: VerifyOptions): Promise<void> {
  const keys = key.length === 0 ? [await keyOf(at)] : await Promise.all(key.map(readKey));
  const lines = linesOf(file ?? (await (await clientOf(at)).fetch('/audit/export')));
  const result = await verifyExport(lines, keys);
  if (!result.ok) throw new Error(`The audit log does not verify. Line ${result.line}: ${result.message}`);
  const { entries, checkpoints, tenant, head } = result;
  console.log(
    `${entries} entries of tenant ${tenant} are as they were written, under ${checkpoints} signed checkpoints.`,
  );
  console.log(`The last one's hash is ${head}`);
}

async function save(file: string, at: ServerOptions): Promise<void> {
  const { body } = await (await clientOf(at)).fetch('/audit/export');
  if (body === null) throw new Error('The server answered without a log.');
  await pipeline(Readable.fromWeb(body as ReadableStream<Uint8Array>), createWriteStream(file, { mode: 0o600 }));
}

async function keyOf(at: ServerOptions): Promise<AuditKey> {
  return AuditKey.parse(await (await clientOf(at)).get('/audit/key'));
}

async function readKey(file: string): Promise<AuditKey> {
  return AuditKey.parse(JSON.parse(await readFile(file, 'utf8')));
}

async function clientOf(at: ServerOptions): Promise<Client> {
  return new Client((await findServer(at)).server);
}

function add(file: string, files: readonly string[]): readonly string[] {
  return [...files, file];
}
