import { createApp } from './api/app.ts';
import * as composition from './composition.ts';
import { readSettings } from './env.ts';
import { consoleLog } from './kernel/log.ts';
import { ExecutionObject as Execution } from './objects/execution/execution-object.ts';
import { InboxObject as Inbox } from './objects/inbox/inbox-object.ts';
import { LogObject as Log } from './objects/log/log-object.ts';
import { PipelineObject as Pipeline } from './objects/pipeline/pipeline-object.ts';
import { PoolObject as Pool } from './objects/pool/pool-object.ts';
import { TenantObject as Tenant } from './objects/tenant/tenant-object.ts';
import { expire } from './services/history/expire.ts';
import { keepSigningKeys } from './services/id-tokens/keys.ts';
import { rewrapKeys } from './services/secrets/rewrap.ts';
import { purge } from './services/tenants/purge.ts';
import { sweep } from './services/sweep.ts';

type App = ReturnType<typeof createApp>;
const apps = new WeakMap<Cloudflare.Env, App>();

export default {
  fetch(request, env, ctx) {
    const app = apps.get(env) ?? createApp(composition.apiParts(env));
    apps.set(env, app);
    return app.fetch(request, env, ctx);
  },
  async scheduled(_, env) {
    const ports = composition.ports(env, readSettings(env), composition.keyRing(env));
    await sweep(ports, consoleLog);
    await expire(ports, consoleLog);
    await purge(ports, consoleLog);
    await rewrapKeys(ports, consoleLog);
    await keepSigningKeys(ports, consoleLog);
  },
} satisfies ExportedHandler<Cloudflare.Env>;

// The runtime makes the objects itself, so each hands its parts to the shell here.
export class ExecutionObject extends Execution {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, composition.executionServices(env));
  }
}

export class PipelineObject extends Pipeline {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, composition.pipelineServices(env));
  }
}

export class PoolObject extends Pool {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, composition.poolServices(env));
  }
}

export class LogObject extends Log {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, composition.logServices(env));
  }
}

export class TenantObject extends Tenant {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, composition.tenantServices(env));
  }
}

export class InboxObject extends Inbox {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, composition.inboxServices(env));
  }
}
