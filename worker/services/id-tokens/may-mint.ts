import type { Trust } from '../../engine/trust.ts';
import { mayUse } from '../secrets/may-use.ts';

/** An identity opens as much as a protected secret does, so whoever may not have the one may not have the other. */
export function mayMint(trust: Trust): boolean {
  return mayUse({ isProtected: true }, trust);
}
