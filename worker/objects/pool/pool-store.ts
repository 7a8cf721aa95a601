import type { Job } from '../../engine/dispatch.ts';
import type { Instant, JobId } from '../../engine/ids.ts';
import type { ActionRun } from '../../engine/run.ts';

export interface JobRow {
  readonly job: Job;
  /** Gone once the job is over; what is left is its tombstone. */
  readonly run?: ActionRun;
}

/** A runner that has been here; `seenAt` is when its last connection began or ended. */
export interface KnownRunner {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly os: string;
  readonly arch: string;
  readonly labels: readonly string[];
  readonly slots: number;
  readonly connectedAt: Instant;
  readonly seenAt: Instant;
}

export interface PoolStore {
  jobs(): readonly JobRow[];
  putJob(row: JobRow): void;
  deleteJob(id: JobId): void;
  runners(): readonly KnownRunner[];
  putRunner(runner: KnownRunner): void;
  deleteRunner(id: string): void;
}
