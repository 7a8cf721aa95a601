import type { Trust } from '../../engine/trust.ts';

/** Orders of a person or a service token, both of whom somebody in the tenant has let in. */
const ORDERS = ['StartPipelineExecution', 'ManualRollback'];

/** A delivery from a host or a cloud, whose revisions have been pinned; or a schedule, which takes those of the definition's branches. */
const DELIVERIES = ['Webhook', 'WebhookV2', 'CloudWatchEvent', 'PollForSourceChanges'];

/**
 * May an execution use this secret? The only place that says so. What strangers wrote gets none, protected or not, whoever has started
 * it. Otherwise unprotected ones are for all that their scope lets in, and for protected ones everything is refused that is not known
 * to be safe: the branch that the definition itself names is protected, any other branch, a tag and a pull request are not.
 */
export function mayUse(secret: { readonly isProtected: boolean }, trust: Trust): boolean {
  const { trigger, isUntrusted, isOnNamedBranches } = trust;
  if (isUntrusted) return false;
  if (!secret.isProtected) return true;
  if (DELIVERIES.includes(trigger.type)) return isOnNamedBranches;
  // What it goes back to has been through the stage before, and that with the same secrets.
  if (trigger.type === 'AutomatedRollback') return true;
  return ORDERS.includes(trigger.type) && trigger.actor !== undefined;
}
