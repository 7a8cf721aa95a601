import type { PipelineId } from '../../engine/ids.ts';
import type { SlotStore } from './slot-store.ts';
import type { Tables } from './tables.ts';

type Row = { lease: string; pipeline: string; at: number; is_start: number; is_held: number };

export function sqlSlotStore(storage: DurableObjectStorage, tables: Tables): SlotStore {
  const { sql } = storage;
  return {
    transact(body) {
      tables.prepare();
      storage.transactionSync(body);
    },

    all() {
      if (!tables.exist) return [];
      return sql
        .exec<Row>('SELECT lease, pipeline, at, is_start, is_held FROM slot')
        .toArray()
        .map(({ lease, pipeline, at, is_start: isStart, is_held: isHeld }) => ({
          lease,
          pipeline: pipeline as PipelineId,
          at,
          isStart: isStart === 1,
          isHeld: isHeld === 1,
        }));
    },

    put({ lease, pipeline, at, isStart, isHeld }) {
      sql.exec(
        `INSERT INTO slot (lease, pipeline, at, is_start, is_held) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET at = excluded.at, is_start = excluded.is_start, is_held = excluded.is_held`,
        lease,
        pipeline,
        at,
        isStart ? 1 : 0,
        isHeld ? 1 : 0,
      );
    },

    remove(lease) {
      sql.exec('DELETE FROM slot WHERE lease = ?', lease);
    },
  };
}
