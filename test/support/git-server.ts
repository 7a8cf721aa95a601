import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ARCHIVE_MAX_BYTES = 16 * 1024 * 1024;
const WHEN = '2026-05-01T12:00:00Z';

export interface NewCommit {
  readonly branch: string;
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
}

/** Git's own server over HTTP (`git http-backend`), with Basic authentication in front of it. */
export class GitServer {
  readonly #root: string;
  readonly #server: Server;
  readonly #authorization: string;

  private constructor(root: string, server: Server, authorization: string) {
    this.#root = root;
    this.#server = server;
    this.#authorization = authorization;
  }

  static async start({ user, password }: { readonly user: string; readonly password: string }): Promise<GitServer> {
    const root = await mkdtemp(join(tmpdir(), 'millrace-git-'));
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const server = createServer((request, response) => git.answer(request, response));
    const git = new GitServer(root, server, authorization);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return git;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#root, { recursive: true, force: true });
  }

  url(repository: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${repository}.git`;
  }

  /** A commit on top of a branch, which is made if it is not there. Answers with its id. */
  async commit(repository: string, { branch, files, message }: NewCommit): Promise<string> {
    const bare = join(this.#root, `${repository}.git`);
    const tree = join(this.#root, `${repository}.tree`);
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    await mkdir(tree, { recursive: true });
    const git = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, ...IDENTITY, GIT_DIR: bare, GIT_WORK_TREE: tree, GIT_CONFIG_NOSYSTEM: '1' };
      return (await run('git', args, { cwd: tree, env })).stdout.trim();
    };
    await git('symbolic-ref', 'HEAD', `refs/heads/${branch}`);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '-m', message);
    const id = await git('rev-parse', 'HEAD');
    await git('symbolic-ref', 'HEAD', 'refs/heads/main');
    return id;
  }

  /** The tree at a commit, as hosts pack it: they let git do it, too. `folder`: what everything lies in. */
  async archive(repository: string, commit: string, format: 'zip' | 'tar.gz', folder?: string): Promise<Uint8Array> {
    const prefix = folder === undefined ? [] : [`--prefix=${folder}/`];
    const args = ['archive', `--format=${format}`, ...prefix, commit];
    const { stdout } = await run('git', args, {
      cwd: join(this.#root, `${repository}.git`),
      encoding: 'buffer',
      maxBuffer: ARCHIVE_MAX_BYTES,
    });
    return stdout;
  }

  /** Also for another server that has the repositories at the same paths. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== this.#authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
        REMOTE_USER: 'ci',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined); // it needs not read all of it
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => answerOf(Buffer.concat(chunks), response));
  }
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: WHEN,
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_COMMITTER_DATE: WHEN,
};

/** RFC 3875: headers, an empty line, the body. */
function answerOf(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  const headers = output
    .subarray(0, end)
    .toString()
    .split('\r\n')
    .map((line) => line.split(': ', 2) as [string, string]);
  const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1];
  for (const [name, value] of headers) if (name.toLowerCase() !== 'status') response.setHeader(name, value);
  response.writeHead(Number.parseInt(status ?? '200', 10)).end(output.subarray(end + 4));
}
