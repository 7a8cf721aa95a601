/** Who brought an execution about, as far as it decides what it may see. */
export interface Trust {
  readonly trigger: { readonly type: string; readonly actor?: string };
  /** Somebody who may not even write to the repository can start executions of this pipeline. */
  readonly isOpenToStrangers: boolean;
}

/** Orders of a person or a service token, both of whom somebody in the tenant has let in. */
const ORDERS = ['StartPipelineExecution', 'ManualRollback'];

/**
 * May an execution use this secret? The only place that says so. Unprotected ones are for all that their scope lets in. For
 * protected ones, everything is refused that is not known to be safe; branches and pull requests from forks, once they start
 * executions, are let in here or nowhere.
 */
export function mayUse(secret: { readonly isProtected: boolean }, { trigger, isOpenToStrangers }: Trust): boolean {
  if (!secret.isProtected) return true;
  if (isOpenToStrangers) return false;
  // What it goes back to has been through the stage before, and that with the same secrets.
  if (trigger.type === 'AutomatedRollback') return true;
  return ORDERS.includes(trigger.type) && trigger.actor !== undefined;
}
