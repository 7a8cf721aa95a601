import type { Instant } from '../../engine/ids.ts';
import type {
  Before,
  DeliveryBody,
  DeliveryFilter,
  ListedDelivery,
  StoredDelivery,
  StoredVerdict,
  Unverified,
} from './inbox-orders.ts';

export interface InboxStore {
  readonly isBorn: boolean;
  /** Undefined: there is one of that id. */
  insert(at: Instant, body: DeliveryBody, payload: Uint8Array<ArrayBuffer> | undefined): number | undefined;
  byId(id: string): StoredDelivery | undefined;
  byHash(hash: string): StoredDelivery | undefined;
  bySeq(seq: number): StoredDelivery | undefined;
  /** The oldest first. */
  open(limit: number): readonly StoredDelivery[];
  countOpen(): number;
  close(seq: number, outcome: DeliveryBody['outcome']): void;
  payload(seq: number): Uint8Array<ArrayBuffer> | undefined;
  putVerdict(verdict: StoredVerdict): void;
  verdicts(seq: number): readonly StoredVerdict[];
  verdict(seq: number, event: number, pipeline: string): StoredVerdict | undefined;
  /** Verdicts that are to be asked for again. */
  due(): readonly StoredVerdict[];
  /** A later delivery of the same branch, tag or pull request that this pipeline has started or is about to start. */
  newer(verdict: StoredVerdict): StoredDelivery | undefined;
  replays(id: string): number;
  list(filter: DeliveryFilter, before: Before | undefined, limit: number): readonly ListedDelivery[];
  lastAt(): Instant;
  /** What may be forgotten: older than that, or beyond so many. */
  doomed(before: Instant, keep: number, limit: number): readonly StoredDelivery[];
  remove(seq: number): void;
  putUnverified(unverified: Unverified, keep: number): void;
  unverified(): readonly Unverified[];
  get(name: string): unknown;
  put(name: string, value: unknown): void;
  clear(): void;
}
