import type { ActionState, ExecutionState } from '../../worker/engine/model.ts';
import { PLACES } from './reference/stage-model.ts';

/**
 * A hash of everything about a state but its times, texts and numbers: two states of one shape are in the same situation. For
 * counting how many situations a run has come to.
 */
export function shapeOf(state: ExecutionState): number {
  const { admission } = state;
  let hash = mixText(0x811c9dc5, state.status);
  hash = mix(hash, admission.stage);
  hash = mix(hash, admission.through + 2);
  hash = mix(hash, (admission.waiting ? 1 : 0) + (admission.atGate === true ? 2 : 0));
  hash = mix(hash, state.stop === undefined ? 0 : state.stop.abandon ? 2 : 1);
  hash = mixText(hash, state.returning?.order.kind);
  for (const stage of state.stages) {
    hash = mixText(hash, stage.status);
    hash = mix(hash, (stage.retries?.automatic ?? 0) * 16 + Math.min(stage.retries?.manual ?? 0, 15));
    hash = mix(hash, stage.retryAt === undefined ? 0 : 1);
    hash = mixText(hash, stage.rollback?.kind);
    for (const action of stage.actions) hash = mixAction(hash, action);
    if (stage.conditions === undefined) continue;
    for (const place of PLACES) {
      const condition = stage.conditions[place];
      hash = mixText(hash, condition?.status);
      for (const rule of condition?.rules ?? []) hash = mixAction(hash, rule);
    }
  }
  return hash >>> 0;
}

function mixAction(hash: number, action: ActionState): number {
  const phase = action.attempts.at(-1)?.phase;
  let mixed = mix(hash, (action.attempts.at(-1)?.number ?? 0) * 8 + (action.previous ?? 0));
  mixed = mix(mixed, action.retryAt === undefined ? 0 : 1);
  if (phase === undefined) return mixed;
  mixed = mixText(mixed, phase.kind);
  if (phase.kind === 'Ended') return mixText(mixed, phase.status);
  if (phase.kind === 'Running') return mix(mixed, (phase.claimed ? 1 : 0) + (phase.pollAt === undefined ? 0 : 2));
  return phase.kind === 'Cancelling' ? mixText(mixed, phase.cause) : mixed;
}

/** FNV-1a, with a last stir so that small differences reach every bit. */
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

/** Status names differ in length, first and fourth letter together. */
function mixText(hash: number, text = ''): number {
  return mix(hash, text.length * 65_536 + (text.charCodeAt(0) || 0) * 256 + (text.charCodeAt(3) || 0));
}
