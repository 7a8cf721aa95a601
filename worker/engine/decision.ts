import type { ExecutionEvent, Rejection, RejectionCode } from './messages.ts';

export type Decision =
  { readonly events: readonly ExecutionEvent[] } | { readonly events: readonly []; readonly rejection: Rejection };

export const NOTHING: Decision = { events: [] };

export function event(one: ExecutionEvent): Decision {
  return { events: [one] };
}

export function reject(code: RejectionCode, message: string): Decision {
  return { events: [], rejection: { code, message } };
}
