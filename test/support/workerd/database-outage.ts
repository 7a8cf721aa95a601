import { env } from 'cloudflare:workers';

/** D1 refuses to write, as it does when it is overloaded or being moved; reading goes on. */
export class DatabaseOutage {
  refused = 0;
  readonly #end: () => void;
  #waiting: (() => void)[] = [];

  private constructor(end: () => void) {
    this.#end = end;
  }

  static begin(): DatabaseOutage {
    const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1')) as { run: () => Promise<unknown> };
    const { run } = statement;
    const outage = new DatabaseOutage(() => (statement.run = run));
    statement.run = () => outage.#refuse();
    return outage;
  }

  /** Resolves when it has refused so many in all. */
  async hasRefused(count: number): Promise<void> {
    while (this.refused < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    this.#end();
  }

  #refuse(): Promise<never> {
    this.refused += 1;
    for (const wake of this.#waiting.splice(0)) wake();
    return Promise.reject(new Error('D1 DB is overloaded. Requests queued for too long.'));
  }
}
