import type { PipelineId, TenantId } from '../../engine/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { SlotPeer, SlotRefusal } from '../peers.ts';

export interface SlotParts {
  readonly peer: SlotPeer;
  readonly log: Log;
  /** Whether a live execution has begun with it. */
  readonly isInUse: (lease: string) => boolean;
  readonly inBackground: (promise: Promise<void>) => void;
}

export interface SlotOrder {
  readonly tenant: TenantId;
  readonly pipeline: PipelineId;
  readonly lease: string;
  readonly isStart: boolean;
}

/** The pipeline's side of its tenant's places for executions: a lease is taken before one begins, and given back when it is over. */
export class Slots {
  readonly #parts: SlotParts;
  /** Taken, or about to be, by beginnings that have not been committed. Lost with the object's memory, and so are those. */
  readonly #pending = new Set<string>();

  constructor(parts: SlotParts) {
    this.#parts = parts;
  }

  /** `begin` may take the place, and begins something with it or not. */
  async during<Result>(
    { tenant, ...order }: SlotOrder,
    begin: (take: () => Promise<SlotRefusal | undefined>) => Result | Promise<Result>,
  ): Promise<Result> {
    const { lease } = order;
    // Whether it was taken is not known when the answer gets lost, so it is given back then too.
    const asked = { isRefused: true };
    this.#pending.add(lease);
    try {
      return await begin(async () => {
        asked.isRefused = false;
        const refusal = await this.#parts.peer.take(tenant, order);
        asked.isRefused = refusal !== undefined;
        return refusal;
      });
    } finally {
      this.#pending.delete(lease);
      if (!asked.isRefused && !this.#parts.isInUse(lease)) this.#release(tenant, [lease], true);
    }
  }

  /** What these executions had. */
  giveBack(tenant: TenantId, gone: readonly { readonly lease?: string }[]): void {
    const leases = gone.flatMap(({ lease }) => lease ?? []);
    if (leases.length > 0) this.#release(tenant, leases, false);
  }

  held(leases: readonly string[]): readonly string[] {
    return leases.filter((lease) => this.#pending.has(lease) || this.#parts.isInUse(lease));
  }

  /** Said once: a tenant whose places are all taken asks its pipelines which of them are. */
  #release(tenant: TenantId, leases: readonly string[], isVoid: boolean): void {
    const { peer, log, inBackground } = this.#parts;
    inBackground(
      peer
        .release(tenant, leases, isVoid)
        .catch((error: unknown) => log.error('lease not given back', { tenant }, error)),
    );
  }
}
