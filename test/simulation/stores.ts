import type { Turn, TurnStore } from '../../worker/objects/execution/turn-store.ts';
import type {
  Head,
  LiveRow,
  PipelineStore,
  StartKey,
  StoredRevision,
  StoredVersion,
} from '../../worker/objects/pipeline/pipeline-store.ts';
import type { JobRow, KnownRunner, PoolStore } from '../../worker/objects/pool/pool-store.ts';

/** Stores over a plain image, so that a host can copy it at every commit and fall back to it in a crash. */
export interface ExecutionImage {
  turns: Turn[];
}

export function turnStore(image: () => ExecutionImage): TurnStore {
  return {
    recent: () => {
      const from = image().turns.findLastIndex(({ snapshot }) => snapshot !== undefined);
      return structuredClone(image().turns.slice(Math.max(from, 0)));
    },
    after: (seq) => structuredClone(image().turns.filter((turn) => turn.seq + turn.events.length > seq + 1)),
    append: (turn) => {
      if (image().turns.some(({ seq }) => seq >= turn.seq)) throw new Error(`turn ${turn.seq} exists`);
      image().turns.push(JSON.parse(JSON.stringify(turn)) as Turn);
    },
  };
}

export interface PipelineImage {
  head: Head | undefined;
  live: LiveRow[];
  versions: StoredVersion[];
  keys: Record<string, StartKey>;
  revisions: Record<string, StoredRevision[]>;
}

export function emptyPipeline(): PipelineImage {
  return { head: undefined, live: [], versions: [], keys: {}, revisions: {} };
}

export function pipelineStore(image: () => PipelineImage): PipelineStore {
  return {
    head: () => image().head,
    putHead: (head) => {
      image().head = head;
    },
    live: () => structuredClone(image().live),
    putLive: (row) => {
      const others = image().live.filter(({ live }) => live.number !== row.live.number);
      image().live = [...others, row].sort((one, other) => one.live.number - other.live.number);
    },
    deleteLive: (number) => {
      image().live = image().live.filter(({ live }) => live.number !== number);
    },
    version: (version) => image().versions.find((stored) => stored.version === version),
    versions: () => [...image().versions].reverse(),
    putVersion: (version) => {
      image().versions.push(version);
    },
    startKey: (key) => image().keys[key],
    putStartKey: (key, value) => {
      image().keys[key] = value;
    },
    forgetStartKeys: () => undefined,
    revisions: (action) => image().revisions[action] ?? [],
    putRevision: (action, revision) => {
      image().revisions[action] = [revision, ...(image().revisions[action] ?? [])];
    },
    clear: () => Object.assign(image(), emptyPipeline()),
  };
}

export interface PoolImage {
  jobs: Record<string, JobRow>;
  runners: Record<string, KnownRunner>;
}

export function poolStore(image: () => PoolImage): PoolStore {
  const without = <T>(record: Record<string, T>, key: string): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([id]) => id !== key));
  return {
    jobs: () => structuredClone(Object.values(image().jobs)),
    putJob: (row) => {
      image().jobs = { ...image().jobs, [row.job.id]: row };
    },
    deleteJob: (id) => {
      image().jobs = without(image().jobs, id);
    },
    runners: () => structuredClone(Object.values(image().runners)),
    putRunner: (runner) => {
      image().runners = { ...image().runners, [runner.id]: runner };
    },
    deleteRunner: (id) => {
      image().runners = without(image().runners, id);
    },
  };
}
