import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionSummary } from '../contract/executions.ts';
import { Client } from '../cli/src/client/client.ts';

/** The product as any program sees it: through its API, at the address of its local server. */
export class Product {
  readonly client: Client;

  constructor(stateDir: string) {
    const demo = JSON.parse(readFileSync(join(stateDir, 'demo.json'), 'utf8')) as { url: string; token: string };
    this.client = new Client(demo);
  }

  async save(name: string, yaml: string): Promise<void> {
    const headers = { 'content-type': 'application/yaml' };
    await this.client.fetch(`/pipelines/${name}`, { method: 'PUT', body: yaml, headers });
  }

  async start(name: string, variables: Record<string, string> = {}): Promise<ExecutionSummary> {
    return (await this.client.send('POST', `/pipelines/${name}/executions`, { variables })) as ExecutionSummary;
  }

  /** When the execution ended, by its own last event; undefined while it has not. */
  async endedAt(id: string): Promise<number | undefined> {
    const { items } = (await this.client.get(`/executions/${id}/events?limit=1000`)) as {
      items: { type: string; at: string }[];
    };
    const end = items.find(({ type }) => type === 'ExecutionEnded');
    return end === undefined ? undefined : Date.parse(end.at);
  }
}

/** Twelve actions one after the other, in four stages. */
export function twelve(name: string, action: (index: number) => string, head = ''): string {
  const stages = [0, 1, 2, 3].map((stage) => {
    const actions = [0, 1, 2].map((at) => `      - { name: a${at}, runOrder: ${at + 1}, ${action(stage * 3 + at)} }`);
    return `  - name: S${stage}\n    actions:\n${actions.join('\n')}`;
  });
  return `name: ${name}\nmode: PARALLEL\n${head}stages:\n${stages.join('\n')}\n`;
}
