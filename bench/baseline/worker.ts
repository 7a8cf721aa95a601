import { DurableObject, WorkflowEntrypoint } from 'cloudflare:workers';

const STEPS = 12;

interface Env {
  readonly MINIMAL: DurableObjectNamespace<Minimal>;
  readonly WORKFLOW: Workflow;
}

/** The platform's own answer: a Workflow whose steps do nothing. */
export class TwelveSteps extends WorkflowEntrypoint<Env> {
  override async run(_: unknown, step: { do<T>(name: string, body: () => Promise<T>): Promise<T> }): Promise<number> {
    for (let index = 0; index < STEPS; index += 1) await step.do(`step ${index}`, () => Promise.resolve(index));
    return Date.now();
  }
}

/** The least that any engine must do: one object, a row and a durable commit for the start and for every step. */
export class Minimal extends DurableObject {
  async run(): Promise<number> {
    const { storage } = this.ctx;
    storage.sql.exec('CREATE TABLE step (n INTEGER PRIMARY KEY, state TEXT)');
    for (let index = 0; index <= STEPS; index += 1) {
      storage.transactionSync(() => storage.sql.exec('INSERT INTO step VALUES (?, ?)', index, 'done'));
      await storage.sync();
    }
    return Date.now();
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case '/workflow': {
        const { id } = await env.WORKFLOW.create();
        return Response.json({ id, acceptedAt: Date.now() });
      }
      case '/workflow/ended': {
        const instance = await env.WORKFLOW.get(searchParams.get('id') ?? '');
        const { status, output } = await instance.status();
        return Response.json({ endedAt: status === 'complete' ? output : null });
      }
      case '/minimal': {
        const acceptedAt = Date.now();
        return Response.json({ acceptedAt, endedAt: await env.MINIMAL.getByName(crypto.randomUUID()).run() });
      }
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
