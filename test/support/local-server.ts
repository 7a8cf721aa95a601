import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionSummary, ExecutionView } from '../../contract/executions.ts';
import { Client } from '../../cli/src/client/client.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface DemoFile {
  readonly url: string;
  readonly tenant: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

export interface Ending {
  readonly code: number | null;
  readonly output: string;
}

/** `npm start` in a state folder and on a port of its own, as a process group that can be killed as one. */
export class LocalServer {
  readonly stateDir: string;
  readonly port: number;
  #process: ChildProcess | undefined;
  #output = '';
  #isBuilt = false;

  private constructor(stateDir: string, port: number) {
    this.stateDir = stateDir;
    this.port = port;
  }

  static async create(): Promise<LocalServer> {
    return new LocalServer(mkdtempSync(join(tmpdir(), 'millrace-test-')), await freePort());
  }

  get output(): string {
    return this.#output;
  }

  get demo(): DemoFile {
    return JSON.parse(readFileSync(join(this.stateDir, 'demo.json'), 'utf8')) as DemoFile;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get client(): Client {
    return new Client(this.demo);
  }

  /** Resolves once it has said where it is. */
  async start(env: Record<string, string> = {}): Promise<void> {
    this.#output = '';
    const child = this.spawn(env);
    const gone = new Promise<never>((_, reject) =>
      child.once('exit', () => reject(new Error(`the server went away:\n${this.#output}`))),
    );
    gone.catch(() => undefined);
    await Promise.race([this.says('Ctrl-C stops it'), gone]);
    this.#isBuilt = true;
  }

  /** For a start that does not come far: waits until it has gone. */
  async startInVain(env: Record<string, string> = {}): Promise<Ending> {
    this.#output = '';
    const child = this.spawn(env);
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, output: this.#output })));
  }

  /** Starts it and does not wait. */
  spawn(env: Record<string, string> = {}): ChildProcess {
    const args = [join(root, 'local', 'start.ts'), ...(this.#isBuilt ? ['--no-build'] : [])];
    const child = spawn(process.execPath, args, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: String(this.port), MILLRACE_STATE_DIR: this.stateDir, ...env },
    });
    child.stdout.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#process = child;
    return child;
  }

  async says(text: string): Promise<void> {
    const child = this.#process;
    while (!this.#output.includes(text)) {
      await new Promise<void>((resolve) => {
        child?.stdout?.once('data', () => resolve());
        child?.stderr?.once('data', () => resolve());
      });
    }
  }

  /** SIGKILL to server, workerd and runner at once. Jobs have supervisors of their own and are not in the group. */
  async killAll(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  }

  /** Ctrl-C: a terminal sends it to the whole group. Answers with the server's exit code. */
  async stop(): Promise<number | null> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      return child?.exitCode ?? null;
    }
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGINT');
    return gone;
  }

  async remove(): Promise<void> {
    await this.killAll();
    rmSync(this.stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async save(name: string, yaml: string): Promise<void> {
    await this.client.fetch(`/pipelines/${name}`, {
      method: 'PUT',
      body: yaml,
      headers: { 'content-type': 'application/yaml' },
    });
  }

  async startExecution(name: string): Promise<ExecutionSummary> {
    return (await this.client.send('POST', `/pipelines/${name}/executions`, {})) as ExecutionSummary;
  }

  async execution(id: string): Promise<ExecutionView> {
    return (await this.client.get(`/executions/${id}`)) as ExecutionView;
  }

  async log(id: string, stage: string, action: string, attempt = 1): Promise<{ text: string; isComplete: boolean }> {
    const response = await this.client.fetch(`/executions/${id}/actions/${stage}/${action}/log?attempt=${attempt}`);
    const isComplete = response.headers.get('x-millrace-log-complete') === 'true';
    return { text: await response.text(), isComplete };
  }

  /** Follows the execution's feed until `condition` holds. */
  async until(id: string, condition: (execution: ExecutionView) => boolean): Promise<ExecutionView> {
    const { address, headers } = this.client.socket(`/executions/${id}/live`);
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(address, { headers });
    try {
      return await new Promise<ExecutionView>((resolve, reject) => {
        socket.on('error', reject);
        socket.on('close', () => reject(new Error('the feed ended')));
        socket.on('message', () => {
          this.execution(id).then((execution) => {
            if (condition(execution)) resolve(execution);
          }, reject);
        });
      });
    } finally {
      socket.terminate();
    }
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
