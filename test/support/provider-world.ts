import type { Freeze } from '../../worker/calendar/freeze.ts';
import type { CodeCommitSourceParts } from '../../worker/providers/code-commit-source.ts';
import type { EcrSourceParts } from '../../worker/providers/ecr-source.ts';
import type { S3SourceParts } from '../../worker/providers/s3-source.ts';
import type { SourceParts } from '../../worker/providers/connection-source.ts';
import type { CalledStatus, PipelineCall, StartedCall, StopCall } from '../../worker/providers/pipeline.ts';
import type { ProviderRun } from '../../worker/providers/provider.ts';
import type { ProviderWorld } from '../../worker/providers/registry.ts';

/** Everything around the providers, in memory: what they start is counted, what they ask is answered as a test has set it. */
export class FakeWorld implements ProviderWorld<ProviderRun> {
  now = Date.UTC(2026, 10, 25, 12, 0, 0);
  readonly clock = { now: () => this.now };

  /** Ids of everything that has been started; starting it again is not starting it. */
  readonly running = new Set<string>();
  readonly cancelled: string[] = [];
  calendar: readonly Freeze[] = [];
  readonly requests: { readonly url: string; readonly method: string }[] = [];
  answer: (url: string) => Response | Promise<Response> = () => new Response('ok');
  started: StartedCall | undefined;
  called: CalledStatus | undefined = { status: 'InProgress' };
  stopping: 'Over' | 'Stopping' | 'Passing' = 'Over';
  readonly calls: PipelineCall[] = [];

  readonly queue = {
    enqueue: ({ job }: ProviderRun): Promise<'Accepted' | 'Stale'> => {
      this.running.add(job);
      return Promise.resolve('Accepted');
    },
    cancel: ({ job }: ProviderRun): Promise<'NeverStarted' | 'Asked' | 'AlreadyOver'> => {
      this.cancelled.push(job);
      return Promise.resolve(this.running.has(job) ? 'Asked' : 'NeverStarted');
    },
  };

  readonly http = {
    fetch: async (url: string, init: RequestInit): Promise<Response> => {
      this.requests.push({ url, method: init.method ?? 'GET' });
      return this.answer(url);
    },
    allowedHosts: [],
    timeout: () => new AbortController().signal,
  };

  readonly sources: SourceParts & S3SourceParts & EcrSourceParts & CodeCommitSourceParts = {
    host: () =>
      Promise.resolve({
        repository: (name) =>
          Promise.resolve({ name, id: '1', defaultBranch: 'main', url: 'https://git.example.com', isPrivate: true }),
        head: () => Promise.resolve({ id: 'c0ffee' }),
        commit: (_, id) => Promise.resolve({ id, message: 'Brew' }),
        archive: () => Promise.resolve({ body: new Blob(['x']).stream(), format: 'tar.gz', topFolder: true }),
      }),
    codeCommit: () =>
      Promise.resolve({
        head: () => Promise.resolve('c0ffee'),
        commit: () => Promise.resolve({ message: 'Brew' }),
        tree: async function* () {},
      }),
    takeTree: () => Promise.resolve({ digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1 }),
    ecr: () =>
      Promise.resolve({
        describe: (repositoryName) =>
          Promise.resolve({
            registryId: '111122223333',
            repositoryName,
            digest: `sha256:${'0'.repeat(64)}`,
            tags: [],
            sizeBytes: 1,
            pushedAt: 0,
            uri: 'x',
          }),
      }),
    s3: () => {
      const version = { versionId: 'v1', etag: 'e', metadata: {} };
      return Promise.resolve({
        newest: () => Promise.resolve(version),
        read: () => Promise.resolve({ ...version, body: new Blob(['x']).stream() }),
      });
    },
    take: () => Promise.resolve({ digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 1 }),
  };

  readonly freezes = (): Promise<readonly Freeze[]> => Promise.resolve(this.calendar);

  readonly pipelines = {
    start: (call: PipelineCall): Promise<StartedCall> => {
      this.calls.push(call);
      this.running.add(call.job);
      return Promise.resolve(this.started ?? { ok: true, execution: `execution-of-${call.job}` });
    },
    status: (): Promise<CalledStatus | undefined> => Promise.resolve(this.called),
    stop: ({ job }: StopCall): Promise<'Over' | 'Stopping' | 'Passing'> => {
      this.cancelled.push(job);
      return Promise.resolve(this.stopping);
    },
  };
}

export function aRun(type: string, overrides: Partial<ProviderRun> = {}): ProviderRun {
  return {
    tenant: 'tenant-a',
    execution: 'exec-1',
    pipeline: { name: 'web-shop' },
    stage: 'Release',
    action: 'Release/one',
    attempt: 1,
    job: 'exec-1:Release/one:1',
    type,
    configuration: {},
    outputs: [],
    ...overrides,
  };
}
