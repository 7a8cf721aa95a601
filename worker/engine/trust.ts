import type { ExecutionState } from './model.ts';

/** Who brought an execution about and whose code it runs, as far as that decides what its actions may have. */
export interface Trust {
  readonly trigger: { readonly type: string; readonly actor?: string };
  /** Part of what it runs was written by somebody who may not even write to the repository. */
  readonly isUntrusted: boolean;
  /** Everything that was pinned is the branch that its source action names, and no pull request or tag. */
  readonly isOnNamedBranches: boolean;
}

export function trustOf({ trigger: { type, actor }, pins = {}, revisions, plan }: ExecutionState): Trust {
  const actions = plan.stages.flatMap((stage) => stage.actions);
  return {
    trigger: { type, ...(actor === undefined ? {} : { actor }) },
    isUntrusted: [...Object.values(pins), ...Object.values(revisions)].some((each) => each.isUntrusted === true),
    isOnNamedBranches: Object.entries(pins).every(([name, { branch, tag, pullRequest }]) => {
      const named = actions.find((action) => action.name === name)?.configuration['BranchName'];
      return branch !== undefined && branch === named && tag === undefined && pullRequest === undefined;
    }),
  };
}
