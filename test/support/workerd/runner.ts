import {
  type JobPayload,
  type JobResult,
  type PoolMessage,
  RUNNER_PROTOCOL,
} from '../../../contract/runner-protocol.ts';
import { messages, type TestTenant } from './client.ts';

type Verdict = Partial<JobResult> | 'silent';

/** Speaks the runner protocol from inside the test; what becomes of each job is up to `work`. */
export class TestRunner {
  readonly #socket: WebSocket;
  readonly claimed: JobPayload[] = [];
  readonly tokens = new Map<string, string>();
  readonly received: PoolMessage[] = [];
  #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket, work: (job: JobPayload) => Verdict, isGreedy: boolean) {
    this.#socket = socket;
    void this.#listen(work, isGreedy);
  }

  static async connect(
    tenant: TestTenant,
    options: {
      readonly id?: string;
      readonly work?: (job: JobPayload) => Verdict;
      readonly jobs?: readonly string[];
      readonly labels?: readonly string[];
      readonly slots?: number;
      readonly isGreedy?: boolean;
    } = {},
  ): Promise<TestRunner> {
    const socket = await tenant.socket('/runners/connect', tenant.runnerToken);
    const runner = new TestRunner(socket, options.work ?? (() => ({})), options.isGreedy ?? true);
    const { id = 'runner-one', labels = [], slots = 4, jobs = [] } = options;
    const about = { id, name: id, version: '0', os: 'linux', arch: 'x64', labels, slots };
    runner.say({ type: 'hello', protocol: RUNNER_PROTOCOL, runner: about, jobs });
    await runner.hears('welcome');
    return runner;
  }

  say(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  finish(job: string, result: Partial<JobResult> = {}): void {
    this.say({ type: 'finish', job, result: { outcome: 'succeeded', exitCode: 0, message: '', ...result } });
  }

  close(): void {
    this.#socket.close(1000, 'bye');
  }

  /** Waits for the next message of that type, or finds it among those that came already. */
  async hears<Type extends PoolMessage['type']>(type: Type): Promise<Extract<PoolMessage, { type: Type }>> {
    for (;;) {
      const index = this.received.findIndex((message) => message.type === type);
      if (index !== -1) return this.received.splice(index, 1)[0] as Extract<PoolMessage, { type: Type }>;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #listen(work: (job: JobPayload) => Verdict, isGreedy: boolean): Promise<void> {
    for await (const text of messages(this.#socket)) {
      const message = JSON.parse(text as string) as PoolMessage;
      if (message.type === 'offer' && isGreedy) this.say({ type: 'claim', job: message.job });
      if (message.type === 'claimed') {
        this.claimed.push(message.payload);
        this.tokens.set(message.job, message.token);
        const verdict = work(message.payload);
        if (verdict !== 'silent') this.finish(message.job, verdict);
      }
      this.received.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }
}
