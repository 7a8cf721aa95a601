import { RetryableFailure } from '../kernel/failure.ts';
import type { ActionProvider, ProviderRun } from './provider.ts';

/** Where jobs wait for runners. Both calls are idempotent by the run's `job`. */
export interface JobQueue<Run extends ProviderRun = ProviderRun> {
  /** `Stale`: too long under way to be trusted; send it again. */
  enqueue(run: Run): Promise<'Accepted' | 'Stale'>;
  cancel(run: Run, cause: string): Promise<'NeverStarted' | 'Asked' | 'AlreadyOver'>;
}

/** Commands on a runner: the pool takes the job and reports what becomes of it. */
export function commands<Run extends ProviderRun>(queue: JobQueue<Run>): ActionProvider<Run> {
  return {
    types: ['Source/Git', 'Build/Commands', 'Test/Commands', 'Deploy/Commands', 'Compute/Commands', 'Rule/Commands'],
    async start(run) {
      if ((await queue.enqueue(run)) === 'Stale') throw new RetryableFailure('The enqueue took too long to arrive.');
      return { kind: 'Running' };
    },
    poll: () => Promise.resolve({ kind: 'Running' }),
    async cancel(run, _, cause) {
      return (await queue.cancel(run, cause)) === 'Asked' ? 'Cancelling' : 'Cancelled';
    },
  };
}
