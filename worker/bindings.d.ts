import type { ExecutionObject, InboxObject, LogObject, PipelineObject, PoolObject, TenantObject } from './main.ts';

declare global {
  namespace Cloudflare {
    interface Env {
      readonly DB: D1Database;
      readonly BUCKET: R2Bucket;
      readonly ASSETS: Fetcher;
      readonly RATE_BY_ACTOR?: RateLimit;
      readonly RATE_BY_ADDRESS?: RateLimit;
      readonly EXECUTIONS: DurableObjectNamespace<ExecutionObject>;
      readonly PIPELINES: DurableObjectNamespace<PipelineObject>;
      readonly POOLS: DurableObjectNamespace<PoolObject>;
      readonly LOGS: DurableObjectNamespace<LogObject>;
      readonly TENANTS: DurableObjectNamespace<TenantObject>;
      readonly INBOXES: DurableObjectNamespace<InboxObject>;
    }
  }
}
