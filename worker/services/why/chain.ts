import { can } from '../../auth/permissions.ts';
import { actionKey, type ExecutionId, jobId, type PipelineId } from '../../engine/ids.ts';
import type { Part, Why } from '../../engine/why/part.ts';
import type { Reason } from '../../engine/why/reason.ts';
import type { ServiceContext } from '../context.ts';
import { parseExecutionId } from '../executions/ids.ts';

/** So many objects stand below one another in a chain at most: a pipeline, the holder in it, and whatever holds that. */
const DEPTH_MAX = 3;
/** A chain that branches that much is read by nobody. */
const QUESTIONS_MAX = 40;

/** Follows reasons from object to object. Made anew for each question: it remembers whom it has asked already. */
export class ReasonChain {
  readonly #ctx: ServiceContext;
  readonly #home: PipelineId;
  readonly #asked = new Map<string, Promise<readonly Reason[] | null>>();

  /** `home`: the pipeline that the question is about, which the caller may ask about. */
  constructor(ctx: ServiceContext, home: PipelineId) {
    this.#ctx = ctx;
    this.#home = home;
  }

  /** From its own object; one that was never admitted is its pipeline's. Null: it has ended, or does not exist. */
  async execution(id: ExecutionId, part: Part = {}): Promise<Why | null> {
    const { ports, tenant } = this.#ctx;
    const pipeline = parseExecutionId(id)?.pipeline;
    const own = await ports.executions(tenant.id, id).why(tenant.id, part);
    if (own !== null || pipeline === undefined) return own;
    return ports.pipelines(tenant.id, pipeline).whyUnadmitted(tenant.id, id, part);
  }

  /** The same reasons, each with what the next object says below it. `path`: the executions that led here. */
  async follow(reasons: readonly Reason[], path: readonly string[], depth = 0): Promise<readonly Reason[]> {
    return Promise.all(
      reasons.map(async (reason): Promise<Reason> => {
        if (reason.because !== undefined && reason.because.length > 0) {
          return { ...reason, because: await this.follow(reason.because, path, depth) };
        }
        const found = depth < DEPTH_MAX ? await this.#ask(reason, path) : undefined;
        if (found === undefined || found.reasons.length === 0) return reason;
        return { ...reason, because: await this.follow(found.reasons, found.path, depth + 1) };
      }),
    );
  }

  async #ask(
    { holder, kind, subject }: Reason,
    path: readonly string[],
  ): Promise<{ readonly reasons: readonly Reason[]; readonly path: readonly string[] } | undefined> {
    const { ports, tenant } = this.#ctx;
    if ((kind === 'AwaitingAdmission' || kind === 'Returning') && subject.type === 'stage') {
      const waiting = parseExecutionId(subject.execution);
      if (waiting === undefined) return undefined;
      const pipeline = ports.pipelines(tenant.id, waiting.pipeline);
      return {
        reasons: await this.#once(waiting.id, () => pipeline.whyNotIn(tenant.id, waiting.id, subject.stage)),
        path,
      };
    }
    if (kind === 'Queued' && holder?.type === 'pool' && subject.type === 'action' && subject.attempt !== null) {
      const { execution, stage, action, attempt } = subject;
      const job = jobId(execution as ExecutionId, actionKey(stage, action), attempt);
      const pool = ports.pools(tenant.id, holder.id);
      return { reasons: await this.#once(job, () => pool.why(tenant.id, holder.id, job)), path };
    }
    const other = holder?.type === 'execution' ? parseExecutionId(holder.id) : undefined;
    // Whoever leads to this execution waits for it: asking it again would go round in circles.
    if (other === undefined || path.includes(other.id) || !this.#mayRead(other.pipeline)) return undefined;
    const { id } = other;
    const ask = async (): Promise<readonly Reason[] | null> => (await this.execution(id))?.reasons ?? null;
    return { reasons: await this.#once(`execution ${id}`, ask), path: [...path, id] };
  }

  /** A chain may lead into another pipeline, which not everybody who may read this one may read. */
  #mayRead(pipeline: PipelineId): boolean {
    return pipeline === this.#home || can(this.#ctx.holding, 'execution:read', pipeline);
  }

  /** Several may wait for the same one. */
  async #once(question: string, ask: () => Promise<readonly Reason[] | null>): Promise<readonly Reason[]> {
    const known = this.#asked.get(question);
    if (known === undefined && this.#asked.size >= QUESTIONS_MAX) return [];
    const asked = known ?? ask();
    this.#asked.set(question, asked);
    return (await asked) ?? [];
  }
}
