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

/**
 * Stores over a plain image, so that a host can keep a copy of every commit and fall back to it in a crash. What is stored is frozen
 * and replaced, never changed: a copy of the image's own members is a copy of everything, and whoever writes into a row throws.
 */
export interface ExecutionImage {
  turns: readonly Turn[];
}

export function turnStore(image: () => ExecutionImage): TurnStore {
  return {
    recent: () => {
      const from = image().turns.findLastIndex(({ snapshot }) => snapshot !== undefined);
      return image().turns.slice(Math.max(from, 0));
    },
    after: (seq) => image().turns.filter((turn) => turn.seq + turn.events.length > seq + 1),
    append: (turn) => {
      const { turns } = image();
      if ((turns.at(-1)?.seq ?? 0) >= turn.seq) throw new Error(`turn ${turn.seq} exists`);
      image().turns = [...turns, frozen(JSON.parse(JSON.stringify(turn)) as Turn)];
    },
  };
}

export interface PipelineImage {
  head: Head | undefined;
  live: readonly LiveRow[];
  versions: readonly StoredVersion[];
  keys: Readonly<Record<string, StartKey>>;
  revisions: Readonly<Record<string, readonly StoredRevision[]>>;
}

export function emptyPipeline(): PipelineImage {
  return { head: undefined, live: [], versions: [], keys: {}, revisions: {} };
}

export function pipelineStore(image: () => PipelineImage): PipelineStore {
  return {
    head: () => image().head,
    putHead: (head) => {
      image().head = frozen(head);
    },
    live: () => image().live,
    putLive: (row) => {
      const others = image().live.filter(({ live }) => live.number !== row.live.number);
      image().live = [...others, frozen(row)].sort((one, other) => one.live.number - other.live.number);
    },
    deleteLive: (number) => {
      image().live = image().live.filter(({ live }) => live.number !== number);
    },
    version: (version) => image().versions.find((stored) => stored.version === version),
    versions: () => [...image().versions].reverse(),
    putVersion: (version) => {
      image().versions = [...image().versions, frozen(version)];
    },
    startKey: (key) => image().keys[key],
    putStartKey: (key, value) => {
      image().keys = { ...image().keys, [key]: frozen(value) };
    },
    forgetStartKeys: () => undefined,
    revisions: (action) => image().revisions[action] ?? [],
    putRevision: (action, revision) => {
      const known = image().revisions[action] ?? [];
      image().revisions = { ...image().revisions, [action]: [frozen(revision), ...known] };
    },
    clear: () => Object.assign(image(), emptyPipeline()),
  };
}

export interface PoolImage {
  jobs: Readonly<Record<string, JobRow>>;
  runners: Readonly<Record<string, KnownRunner>>;
}

export function poolStore(image: () => PoolImage): PoolStore {
  const without = <T>(record: Record<string, T>, key: string): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([id]) => id !== key));
  return {
    jobs: () => Object.values(image().jobs),
    putJob: (row) => {
      image().jobs = { ...image().jobs, [row.job.id]: frozen(row) };
    },
    deleteJob: (id) => {
      image().jobs = without(image().jobs, id);
    },
    runners: () => Object.values(image().runners),
    putRunner: (runner) => {
      image().runners = { ...image().runners, [runner.id]: frozen(runner) };
    },
    deleteRunner: (id) => {
      image().runners = without(image().runners, id);
    },
  };
}

/** What is frozen already is frozen throughout, so each value is walked once. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) frozen(member);
  return value;
}
